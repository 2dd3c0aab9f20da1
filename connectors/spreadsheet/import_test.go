package spreadsheet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/spreadsheet"
)

func table(content string) fstest.MapFS { return fstest.MapFS{"t.csv": {Data: []byte(content)}} }

var euros = connectors.Mapping{Kind: "orders", Tax: connectors.TaxExcluded, Currency: "EUR"}

func ids(out outcome) []string {
	var list []string
	for _, o := range out.batch.Business.Orders {
		list = append(list, o.ExternalID)
	}
	return list
}

// TestEqualPurchasesCountTwice: and the same file again, or a longer one, has the
// same ids.
func TestEqualPurchasesCountTwice(t *testing.T) {
	t.Parallel()
	content := "customer id,date,amount\n7,2024-01-31,10.00\n8,2024-01-31,10.00\n7,2024-01-31,10.00\n7,2024-01-31,11.00\n"
	first := ids(importFiles(t.Context(), table(content), said(euros)))
	if sorted := slices.Compact(slices.Sorted(slices.Values(first))); len(sorted) != 4 {
		t.Fatalf("%d ids of four purchases: %v", len(sorted), first)
	}
	if again := ids(importFiles(t.Context(), table(content), said(euros))); !slices.Equal(first, again) {
		t.Errorf("again: %v, first %v", again, first)
	}
	longer := ids(importFiles(t.Context(), table(content+"7,2024-01-31,10.00\n"), said(euros)))
	if !slices.Equal(longer[:4], first) || slices.Contains(first, longer[4]) {
		t.Errorf("longer: %v, first %v", longer, first)
	}
	// Other columns that are not mapped make no difference.
	wider := ids(importFiles(t.Context(), table(strings.ReplaceAll(content, "\n", ",x\n")), said(euros)))
	if !slices.Equal(wider, first) {
		t.Errorf("wider: %v, first %v", wider, first)
	}
}

func TestLinesOfAnOrder(t *testing.T) {
	t.Parallel()
	header := "order id,date,sku,quantity,unit price\n"
	m := connectors.Mapping{Kind: "lines", Tax: connectors.TaxExcluded, Currency: "EUR"}
	out := importFiles(t.Context(), table(header+"1,2024-01-31,A,1,10.00\n1,2024-01-31,B,2,5.50\n2,2024-01-31,A,1,10.00\n"), said(m))
	if out.err != nil || len(out.refusals) > 0 || len(out.batch.Business.Orders) != 2 {
		t.Fatal(out.err, out.refusals, out.batch.Business.Orders)
	}
	if o := out.batch.Business.Orders[0]; o.Net.Minor != 2100 || len(o.Lines) != 2 || o.Lines[1].Quantity != 2000 || o.Lines[1].Net.Minor != 1100 {
		t.Errorf("%+v", o)
	}
	apart := importFiles(t.Context(), table(header+"1,2024-01-31,A,1,10.00\n2,2024-01-31,A,1,10.00\n1,2024-01-31,B,2,5.50\n1,2024-01-31,C,1,1.00\n"), said(m))
	if len(apart.refusals) != 1 || apart.refusals[0].Reason != "lines_apart" || apart.refusals[0].Line != 4 || len(apart.refusals[0].Lines.Rows) != 2 {
		t.Errorf("%+v", apart.refusals)
	}
}

func TestTaxIsNeverGuessed(t *testing.T) {
	t.Parallel()
	m := connectors.Mapping{Kind: "orders", Tax: connectors.TaxIncluded, Currency: "EUR"}
	out := importFiles(t.Context(), table("id,date,amount,tax rate\n1,2024-01-31,12.00,20\n2,2024-01-31,12.00,\n3,2024-01-31,10.55,5.5 %\n4,2024-01-31,10.00,0\n5,2024-01-31,1,200\n"), said(m))
	if len(out.refusals) != 2 || out.refusals[0].Reason != "no_tax_rate: rate" || out.refusals[1].Reason != "bad_number: rate" {
		t.Errorf("%+v", out.refusals)
	}
	var nets []int64
	for _, o := range out.batch.Business.Orders {
		nets = append(nets, o.Net.Minor, o.Tax.Minor)
	}
	if want := []int64{1000, 200, 1000, 55, 1000, 0}; !slices.Equal(nets, want) {
		t.Errorf("net and tax %v, want %v", nets, want)
	}
}

func TestRefusedLinesKeepTheirCells(t *testing.T) {
	t.Parallel()
	out := importFiles(t.Context(), table("id,date,amount,note,foyer_reason\n1,hier,10.00,secret,old reason\n"), said(euros))
	if len(out.refusals) != 1 {
		t.Fatal(out.refusals)
	}
	l := out.refusals[0].Lines
	if !slices.Equal(l.Header, []string{"id", "date", "amount", "note"}) || !slices.Equal(l.Rows[0], []string{"1", "hier", "10.00", "secret"}) {
		t.Errorf("%+v", l)
	}
}

// TestPayloadsHoldMappedCellsOnly: what is not mapped is not stored anywhere.
func TestPayloadsHoldMappedCellsOnly(t *testing.T) {
	t.Parallel()
	err := spreadsheet.New().(connectors.Importer).Import(t.Context(), table("id,date,amount,street\n1,2024-01-31,10.00,12 rue des Lilas\n"),
		connectors.ImportOptions{Location: time.UTC, Answers: said(euros)}, func(_ context.Context, r connectors.Record) error {
			if r.Payload != nil && strings.Contains(string(r.Payload.Body)+r.Payload.Scope, "Lilas") {
				t.Errorf("%s %s", r.Payload.Scope, r.Payload.Body)
			}
			return nil
		})
	if err != nil {
		t.Error(err)
	}
}

func TestAsksOfEachShape(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"customers.csv": {Data: []byte("id,email\n1,a@example.com\n")},
		"orders.csv":    {Data: []byte("id,date,amount\n1,2024-01-31,10.00\n")},
		"orders2.csv":   {Data: []byte("id,date,amount\n2,2024-01-31,10.00\n")},
	}
	answers := map[string]string{}
	var asked []string
	for range 5 {
		out := importFiles(t.Context(), files, answers)
		var ask *connectors.AskError
		if !errors.As(out.err, &ask) {
			if out.err != nil || len(out.batch.Business.Orders) != 2 || len(out.batch.Business.Customers) != 1 {
				t.Fatalf("%v %+v", out.err, out.batch.Business)
			}
			break
		}
		if len(out.sources) > 0 {
			t.Error("something was emitted before the question")
		}
		asked = append(asked, ask.File)
		answers[ask.Question] = connectors.Mapping{Tax: connectors.TaxExcluded, Currency: "EUR"}.JSON()
	}
	if !slices.Equal(asked, []string{"customers.csv", "orders.csv"}) {
		t.Errorf("asked of %v", asked)
	}
}

func TestTablesLeftOut(t *testing.T) {
	t.Parallel()
	var file *connectors.FileError
	out := importFiles(t.Context(), table("a,b\n1,2\n"), said(connectors.Mapping{Kind: "skip"}))
	if !errors.As(out.err, &file) || file.Reason != "all_left_out" {
		t.Error(out.err)
	}
}

func TestWorkbookThatIsNone(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"text": "id,date\n", "archive": "PK\x03\x04 nonsense", "nothing": ""} {
		out := importFiles(t.Context(), fstest.MapFS{"a.xlsx": {Data: []byte(content)}}, said(euros))
		var file *connectors.FileError
		if !errors.As(out.err, &file) || file.Reason != "damaged_workbook" {
			t.Errorf("%s: %v", name, out.err)
		}
	}
}

// long is a table of so many orders that is made while it is read.
type long struct{ rows int }

func (l long) Open(name string) (fs.File, error) {
	switch name {
	case ".":
		return fstest.MapFS{"orders.csv": {}}.Open(".")
	case "orders.csv":
		return &longFile{rows: l.rows}, nil
	}
	return nil, fs.ErrNotExist
}

type longFile struct {
	rows, next int
	rest       []byte
}

func (f *longFile) Stat() (fs.FileInfo, error) { return longInfo{f.rows}, nil }
func (f *longFile) Close() error               { return nil }

// longInfo tells the size, by which the reader measures what it needs.
type longInfo struct{ rows int }

func (longInfo) Name() string       { return "orders.csv" }
func (i longInfo) Size() int64      { return int64(i.rows) * 50 }
func (longInfo) Mode() fs.FileMode  { return 0o444 }
func (longInfo) ModTime() time.Time { return time.Time{} }
func (longInfo) IsDir() bool        { return false }
func (longInfo) Sys() any           { return nil }

func (f *longFile) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		switch {
		case f.next == 0:
			f.rest = []byte("customer id;date;amount;email\n")
		case f.next > f.rows:
			return 0, io.EOF
		default:
			f.rest = fmt.Appendf(nil, "%d;%02d/%02d/2024 10:%02d;%d,%02d;buyer%d@example.com\n", f.next%50_000, f.next%28+1, f.next%12+1, f.next%60, f.next%300, f.next%100, f.next%50_000)
		}
		f.next++
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// TestMemoryIsFlat: a table without ids takes no more memory when it is longer.
func TestMemoryIsFlat(t *testing.T) {
	m := connectors.Mapping{Kind: "orders", Tax: connectors.TaxIncluded, Rate: "20", Currency: "EUR"}
	most := func(rows int) (heap uint64, orders int) {
		c := spreadsheet.New()
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		before := stats.HeapAlloc
		err := c.(connectors.Importer).Import(t.Context(), long{rows}, connectors.ImportOptions{Location: time.UTC, Answers: said(m)}, func(_ context.Context, r connectors.Record) error {
			if r.Payload == nil {
				return nil
			}
			if _, err := c.Normalize(*r.Payload); err != nil {
				t.Fatal(err)
			}
			if orders++; orders%20_000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&stats)
				heap = max(heap, stats.HeapAlloc-min(before, stats.HeapAlloc))
			}
			return nil
		})
		if err != nil || orders != rows {
			t.Fatalf("%d of %d orders, %v", orders, rows, err)
		}
		return heap, orders
	}
	short, _ := most(20_000)
	longer, _ := most(100_000)
	if longer > short+4<<20 || longer > 32<<20 {
		t.Errorf("%d bytes for 20,000 lines, %d for 100,000", short, longer)
	}
}

// BenchmarkImport reads and understands orders, as an import does before it stores.
func BenchmarkImport(b *testing.B) {
	m := connectors.Mapping{Kind: "orders", Tax: connectors.TaxIncluded, Rate: "20", Currency: "EUR", Decimal: ",", DateOrder: "dmy"}
	c := spreadsheet.New()
	b.ReportAllocs()
	err := c.(connectors.Importer).Import(b.Context(), long{b.N}, connectors.ImportOptions{Location: time.UTC, Answers: said(m)}, func(_ context.Context, r connectors.Record) error {
		if r.Payload == nil {
			return nil
		}
		_, err := c.Normalize(*r.Payload)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
