package spreadsheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/foyer-app/foyer/connectors"
)

// Bounds of a workbook, which is an archive. Sheets have at most a million lines
// by their own format.
const (
	maxWorkbook = 256 << 20 // packed: it is held in memory
	maxUnpacked = 4 << 30   // lies in a temporary file
	maxRatio    = 200       // unpacked to packed, beyond what cannot hurt
	harmless    = 10 << 20
	inMemory    = 1 << 20 // of an unpacked part; larger ones lie in a temporary file
)

// workbook is an open XLSX file.
type workbook struct {
	file *excelize.File
	// from1904 says that its days count from 1904 and not from 1900.
	from1904 bool
}

// openWorkbook opens a workbook within the bounds.
func openWorkbook(fsys fs.FS, name string) (*workbook, error) {
	fail := func(reason string, err error) (*workbook, error) {
		return nil, &connectors.FileError{Reason: reason, File: name, Err: err}
	}
	file, err := fsys.Open(name)
	if err != nil {
		return fail(connectors.ReasonUnreadable, err)
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxWorkbook+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return fail(connectors.ReasonUnreadable, err)
	}
	if len(raw) > maxWorkbook {
		return fail(connectors.ReasonTooLarge, nil)
	}
	if err := harmlessArchive(raw); err != nil {
		return fail(reasonWorkbook, err)
	}
	f, err := readWorkbook(raw)
	if err != nil {
		return fail(reasonWorkbook, err)
	}
	w := &workbook{file: f}
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		w.from1904 = *p.Date1904
	}
	return w, nil
}

// readWorkbook hands foreign bytes to the library; what makes it panic is a
// damaged workbook.
func readWorkbook(raw []byte) (f *excelize.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("spreadsheet: workbook: %v", p)
		}
	}()
	return excelize.OpenReader(bytes.NewReader(raw), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: inMemory,
	})
}

// harmlessArchive holds an archive's own directory against the bounds.
func harmlessArchive(raw []byte) error {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return fmt.Errorf("spreadsheet: workbook: %w", err)
	}
	var sum uint64
	for _, f := range z.File {
		sum += f.UncompressedSize64
		if f.UncompressedSize64 > maxUnpacked || sum > maxUnpacked {
			return errors.New("spreadsheet: workbook: unpacks to too much")
		}
	}
	if sum > harmless && sum/maxRatio > uint64(len(raw)) {
		return errors.New("spreadsheet: workbook: unpacks to far more than its size")
	}
	return nil
}

// sheets lists the sheets that hold something, in their order.
func (w *workbook) sheets() []string {
	var list []string
	for _, name := range w.file.GetSheetList() {
		r, err := w.rows(name)
		if err != nil {
			continue
		}
		if _, err := r.next(); err == nil {
			list = append(list, name)
		}
		_ = r.Close() // of a temporary file that was read
	}
	return list
}

// Close removes its temporary files.
func (w *workbook) Close() error { return w.file.Close() }

// sheetRows reads a sheet. Closing it leaves the workbook open unless it owns it.
type sheetRows struct {
	rows *excelize.Rows
	line int
	owns io.Closer
}

func (w *workbook) rows(sheet string) (r *sheetRows, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("spreadsheet: sheet: %v", p)
		}
	}()
	rows, err := w.file.Rows(sheet)
	if err != nil {
		return nil, fmt.Errorf("spreadsheet: sheet: %w", err)
	}
	return &sheetRows{rows: rows}, nil
}

// Close closes the sheet.
func (s *sheetRows) Close() error {
	err := s.rows.Close()
	if s.owns != nil {
		err = errors.Join(err, s.owns.Close())
	}
	return err
}

func (s *sheetRows) next() (r row, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("spreadsheet: sheet: %v", p)
		}
	}()
	for s.rows.Next() {
		s.line++
		cells, err := s.rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return row{}, fmt.Errorf("spreadsheet: sheet: %w", err)
		}
		r := row{cells: cells, line: s.line}
		size := 0
		for i, c := range cells {
			if size += len(c); strings.HasPrefix(c, "#") && isCellError(c) {
				cells[i] = ""
			}
		}
		if len(cells) > maxCells || size > maxRow {
			r.reason = connectors.ReasonTooLarge
			r.cells = cells[:min(len(cells), 20)]
		}
		if !r.blank() {
			return r, nil
		}
	}
	if err := s.rows.Error(); err != nil {
		return row{}, fmt.Errorf("spreadsheet: sheet: %w", err)
	}
	return row{}, io.EOF
}

// isCellError says that a cell shows that its formula failed.
func isCellError(c string) bool {
	switch c {
	case "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!":
		return true
	}
	return false
}
