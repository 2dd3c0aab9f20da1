package fx

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/foyer-app/foyer/internal/community"
)

//go:embed rates.bin
var bundled []byte

// Bundled returns the history that is part of the program.
func Bundled() (*community.Rates, error) {
	list, err := decode(bytes.NewReader(bundled))
	if err != nil {
		return nil, fmt.Errorf("fx: bundled history: %w", err)
	}
	rates, err := community.NewRates(list)
	if err != nil {
		return nil, fmt.Errorf("fx: bundled history: %w", err)
	}
	return rates, nil
}

// magic begins a history; the number is the version of what follows.
const magic = "foyer rates 1\n"

// The form of a history, compressed after the magic line. Numbers are varints.
//
//	days:       count, first day, then the distance of each from the one before
//	currencies: count, then of each
//	  code (3 bytes), decimals, count of runs, of each run the days skipped since the
//	  one before and the days it holds
//	  then for each day of the runs the change of the units since the day before
//
// A currency's rates have the same number of decimals, so that changes are small.

// Encode writes a history, the same bytes for the same rates in whatever order. Two
// rates of one currency and day are an error.
func Encode(w io.Writer, list []community.ExchangeRate) error {
	if _, err := io.WriteString(w, magic); err != nil {
		return err
	}
	z, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		return err
	}
	body, err := layOut(list)
	if err != nil {
		return fmt.Errorf("fx: encode: %w", err)
	}
	if _, err := z.Write(body); err != nil {
		return err
	}
	return z.Close()
}

func layOut(list []community.ExchangeRate) ([]byte, error) {
	var days []community.Date
	byCurrency := map[string][]community.ExchangeRate{}
	for _, e := range list {
		days = append(days, e.Day)
		byCurrency[e.Currency] = append(byCurrency[e.Currency], e)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	out := binary.AppendUvarint(nil, uint64(len(days)))
	before := community.Date(0)
	for _, d := range days {
		out = binary.AppendVarint(out, int64(d-before))
		before = d
	}
	var codes []string
	for code := range byCurrency {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	out = binary.AppendUvarint(out, uint64(len(codes)))
	for _, code := range codes {
		var err error
		if out, err = layOutCurrency(out, code, byCurrency[code], days); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func layOutCurrency(out []byte, code string, rates []community.ExchangeRate, days []community.Date) ([]byte, error) {
	slices.SortFunc(rates, func(a, b community.ExchangeRate) int { return cmp.Compare(a.Day, b.Day) })
	decimals := slices.MaxFunc(rates, func(a, b community.ExchangeRate) int { return cmp.Compare(a.Decimals, b.Decimals) }).Decimals
	var runs [][2]int // days skipped, days held
	var values []byte
	next, units := 0, int64(0)
	for _, r := range rates {
		i, _ := slices.BinarySearch(days, r.Day)
		m, err := community.Money{Minor: r.Units, Currency: code, Exponent: r.Decimals}.Rescale(decimals)
		if err != nil || i < next || !community.ValidCurrency(code) {
			return nil, errors.Join(fmt.Errorf("%s on %s is no rate or is there twice", code, r.Day), err)
		}
		if i > next || len(runs) == 0 {
			runs = append(runs, [2]int{i - next, 0})
		}
		runs[len(runs)-1][1]++
		values = binary.AppendVarint(values, m.Minor-units)
		next, units = i+1, m.Minor
	}
	out = append(append(out, code...), decimals)
	out = binary.AppendUvarint(out, uint64(len(runs)))
	for _, r := range runs {
		out = binary.AppendUvarint(binary.AppendUvarint(out, uint64(r[0])), uint64(r[1]))
	}
	return append(out, values...), nil
}

// Bounds of what decode believes: a century of days, and all currencies there are.
const (
	maxDays       = 40_000
	maxCurrencies = 300
)

var errHistory = errors.New("not a history of rates")

// decode reads what Encode wrote.
func decode(r io.Reader) ([]community.ExchangeRate, error) {
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(r, head); err != nil || string(head) != magic {
		return nil, errHistory
	}
	d := &decoder{in: bufio.NewReader(flate.NewReader(r))}
	day := int64(0)
	for range d.count(maxDays) {
		day += d.varint()
		d.days = append(d.days, community.Date(day))
	}
	var list []community.ExchangeRate
	for range d.count(maxCurrencies) {
		list = d.currency(list)
	}
	if _, err := d.in.ReadByte(); !errors.Is(err, io.EOF) {
		d.fail(err) // cut off, or something after the end
	}
	if d.err != nil {
		return nil, d.err
	}
	return list, nil
}

// decoder keeps the first error; after it, everything reads as 0.
type decoder struct {
	in   *bufio.Reader
	days []community.Date
	err  error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = errors.Join(errHistory, err)
	}
}

func (d *decoder) varint() int64 {
	n, err := binary.ReadVarint(d.in)
	if err != nil {
		d.fail(err)
		return 0
	}
	return n
}

// count reads a number that must not be above limit.
func (d *decoder) count(limit int) int {
	n, err := binary.ReadUvarint(d.in)
	if err != nil || n > uint64(limit) {
		d.fail(err)
		return 0
	}
	return int(n)
}

func (d *decoder) currency(list []community.ExchangeRate) []community.ExchangeRate {
	head := make([]byte, 4)
	if _, err := io.ReadFull(d.in, head); err != nil {
		d.fail(err)
		return list
	}
	var held []community.Date
	next := 0
	for range d.count(len(d.days)) {
		next += d.count(len(d.days) - next)
		n := d.count(len(d.days) - next)
		held = append(held, d.days[next:next+n]...)
		next += n
	}
	units := int64(0)
	for _, day := range held {
		units += d.varint()
		list = append(list, community.ExchangeRate{Currency: string(head[:3]), Day: day, Units: units, Decimals: head[3]})
	}
	return list
}
