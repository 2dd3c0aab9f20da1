package spreadsheet

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// sheetMark stands between a workbook's name and that of its sheet.
const sheetMark = " › "

// tableFiles lists the files that can be tables, by name. foreign says that there
// are others beside.
func tableFiles(fsys fs.FS) (files []string, foreign bool) {
	// The function never returns an error, so neither does WalkDir.
	_ = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			foreign = true
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
		case entry.IsDir() && entry.Name() == "__MACOSX":
			return fs.SkipDir
		case entry.IsDir(), strings.HasPrefix(entry.Name(), "."), strings.HasPrefix(entry.Name(), "~$"):
		case isTable(name):
			files = append(files, name)
		default:
			foreign = true
		}
		return nil
	})
	slices.Sort(files)
	return files, foreign
}

func hasExtension(name string, extensions ...string) bool {
	return slices.Contains(extensions, strings.ToLower(path.Ext(name)))
}

func isTable(name string) bool {
	return isWorkbook(name) || isText(name) || hasExtension(name, ".csv", ".tsv", ".tab")
}

func isWorkbook(name string) bool { return hasExtension(name, ".xlsx", ".xlsm") }

// isText says that a file may be anything written.
func isText(name string) bool { return hasExtension(name, ".txt", ".dat") }

// splitTable is the file and the sheet that a table's name says.
func splitTable(table string) (file, sheet string) {
	file, sheet, _ = strings.Cut(table, sheetMark)
	return file, sheet
}
