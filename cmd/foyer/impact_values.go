package main

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/internal/community"
)

// bad is the error of one value, by its line and column.
func (tab *table) bad(key, column string, row int) error {
	return errors.New(tab.t.locale.T(key, "line", strconv.Itoa(tab.lines[row]), "column", column, "value", shorten(tab.columns[column][row])))
}

// shorten keeps a foreign value from filling an error text.
func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// numbers reads a column of numbers: 1234.5, 1 234,50, "1,234.50", 1e3, 12 %.
func (tab *table) numbers(column string) ([]float64, error) {
	out := make([]float64, len(tab.lines))
	for i, s := range tab.columns[column] {
		v, ok := parseNumber(s, tab.comma)
		if !ok {
			return nil, tab.bad("impact_cli.not_number", column, i)
		}
		out[i] = v
	}
	return out, nil
}

// parseNumber reads a number the way people and programs write it. Where a single
// comma could be either, it is a decimal comma unless commas separate the columns.
func parseNumber(s string, separator rune) (float64, bool) {
	s = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '\'', '’', '€', '$', '£':
			return -1
		case '−':
			return '-'
		}
		return r
	}, s)
	dot, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case dot >= 0 && comma > dot: // 1.234,5
		s = strings.ReplaceAll(s, ".", "")
		s = strings.Replace(s, ",", ".", 1)
	case dot > comma && comma >= 0, comma >= 0 && strings.Count(s, ",") > 1: // 1,234.5 and 1,234,567
		s = strings.ReplaceAll(s, ",", "")
	case comma >= 0 && separator == ',' && len(s)-comma == 4 && comma > 0: // 1,234 in quotes
		s = strings.ReplaceAll(s, ",", "")
	case comma >= 0:
		s = strings.Replace(s, ",", ".", 1)
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// flagValues reads a column of two kinds. yes names the value that counts; without
// it the usual words and 0 and 1 are understood.
func (tab *table) flagValues(column, yes string) ([]bool, error) {
	out := make([]bool, len(tab.lines))
	found := false
	for i, s := range tab.columns[column] {
		if yes != "" {
			out[i] = sameValue(s, yes)
			found = found || out[i]
			continue
		}
		v, ok := truth(s)
		if !ok {
			return nil, errors.New(tab.t.locale.T("impact_cli.not_flag", "line", strconv.Itoa(tab.lines[i]), "column", column, "values", tab.distinct(column)))
		}
		out[i] = v
	}
	if yes != "" && !found {
		return nil, errors.New(tab.t.locale.T("impact_cli.no_value", "column", column, "value", yes, "values", tab.distinct(column)))
	}
	return out, nil
}

// sameValue compares as text, then as numbers: 1 and 1.0 are the same.
func sameValue(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	x, err := strconv.ParseFloat(a, 64)
	y, other := strconv.ParseFloat(b, 64)
	return err == nil && other == nil && x == y
}

func truth(s string) (yes, ok bool) {
	switch strings.ToLower(s) {
	case "1", "1.0", "true", "t", "yes", "y", "oui", "o", "vrai":
		return true, true
	case "0", "0.0", "false", "f", "no", "n", "non", "faux":
		return false, true
	}
	if v, err := strconv.ParseFloat(s, 64); err == nil && (v == 0 || v == 1) {
		return v == 1, true
	}
	return false, false
}

// distinct lists the first values of a column, for an error.
func (tab *table) distinct(column string) string {
	return strings.Join(tab.values(column, 8), ", ")
}

// values are the first n different values of a column, as they come.
func (tab *table) values(column string, n int) []string {
	var list []string
	seen := map[string]bool{}
	for _, s := range tab.columns[column] {
		if !seen[s] {
			seen[s] = true
			list = append(list, shorten(s))
			if len(list) == n {
				return append(list, "…")
			}
		}
	}
	return list
}

var (
	isoDate     = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$`)
	compactDate = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:\.0+)?$`)
	localDate   = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ].*)?$`)
)

// dates reads a column of days: 2024-01-31, with or without a time, 2024/1/31,
// 20240131, and 31/01/2024 in the order said or found out from all values.
func (tab *table) dates(column, order string) ([]community.Date, error) {
	if order == "" {
		order = tab.dateOrder(column)
	}
	out := make([]community.Date, len(tab.lines))
	for i, s := range tab.columns[column] {
		d, known, ok := parseDate(s, order)
		if !known {
			return nil, tab.bad("impact_cli.date_order", column, i)
		}
		if !ok {
			return nil, tab.bad("impact_cli.not_date", column, i)
		}
		out[i] = d
	}
	return out, nil
}

// dateOrder looks for a day above 12.
func (tab *table) dateOrder(column string) string {
	for _, s := range tab.columns[column] {
		if m := localDate.FindStringSubmatch(s); m != nil {
			a, _ := strconv.Atoi(m[1])
			b, _ := strconv.Atoi(m[2])
			switch {
			case a > 12:
				return "dmy"
			case b > 12:
				return "mdy"
			}
		}
	}
	return ""
}

// parseDate reads one day; known is false when its order has to be said.
func parseDate(s, order string) (d community.Date, known, ok bool) {
	var y, m, day string
	if p := isoDate.FindStringSubmatch(s); p != nil {
		y, m, day = p[1], p[2], p[3]
	} else if p := compactDate.FindStringSubmatch(s); p != nil {
		y, m, day = p[1], p[2], p[3]
	} else if p := localDate.FindStringSubmatch(s); p != nil {
		switch order {
		case "dmy":
			day, m, y = p[1], p[2], p[3]
		case "mdy":
			m, day, y = p[1], p[2], p[3]
		default:
			return 0, false, false
		}
	} else {
		return 0, true, false
	}
	d, err := community.ParseDate(y + "-" + twoDigits(m) + "-" + twoDigits(day))
	return d, true, err == nil
}

func twoDigits(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// bins turn a numeric column into intervals, so that it can be matched exactly.
type bins struct{ cuts []float64 }

// newBins reads 10,20,30 (upper bounds, inclusive), q4 (quantiles) or w5 (equal
// widths).
func newBins(rule string, values []float64) (bins, bool) {
	if rule == "" {
		return bins{}, false
	}
	n, err := strconv.Atoi(rule[1:])
	if kind := rule[0]; err == nil && n >= 2 && n <= 1000 && (kind == 'q' || kind == 'w') {
		sorted := slices.Sorted(slices.Values(values))
		var b bins
		for i := 1; i < n; i++ {
			f := float64(i) / float64(n)
			if kind == 'w' {
				b.cuts = append(b.cuts, sorted[0]+f*(sorted[len(sorted)-1]-sorted[0]))
			} else {
				at := f * float64(len(sorted)-1)
				k := int(at)
				b.cuts = append(b.cuts, sorted[k]+(at-float64(k))*(sorted[min(k+1, len(sorted)-1)]-sorted[k]))
			}
		}
		return b, true
	}
	var b bins
	for part := range strings.SplitSeq(rule, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(v) {
			return b, false
		}
		b.cuts = append(b.cuts, v)
	}
	slices.Sort(b.cuts)
	return b, true
}

// of is the number of cuts below v.
func (b bins) of(v float64) string {
	i, _ := slices.BinarySearch(b.cuts, v)
	return "bin" + strconv.Itoa(i)
}
