package spreadsheet

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/maphash"
	"io"
	"strconv"

	"github.com/foyer-app/foyer/connectors"
)

// repeats knows which keys of a table come more than once, and counts these. The
// first reading finds them with a filter of a fixed size, so that the memory does
// not grow with the lines but with the repeated ones only.
type repeats struct {
	seed   maphash.Seed
	filter []uint64
	mask   uint64
	count  map[uint64]uint32 // of keys that may come again
}

// maxRepeats bounds the different keys that come more than once.
const maxRepeats = 2_000_000

// The filter has a bit for each byte of the file, within these bounds: 16 MB tell
// ten million keys apart with one in a thousand taken for a repeated one, which
// is then counted exactly.
const minFilter, maxFilter = 1 << 16, 1 << 27

func newRepeats(size int64) *repeats {
	bits := uint64(minFilter)
	for bits < maxFilter && int64(bits) < size {
		bits *= 2
	}
	return &repeats{seed: maphash.MakeSeed(), filter: make([]uint64, bits/64), mask: bits - 1, count: map[uint64]uint32{}}
}

// see notes a key in the first reading; false when there are too many repeats.
func (r *repeats) see(key string) bool {
	h := maphash.String(r.seed, key)
	step, all := h>>32|1, true
	for i := range uint64(4) {
		bit := (h + i*step) & r.mask
		if r.filter[bit/64]&(1<<(bit%64)) == 0 {
			all = false
			r.filter[bit/64] |= 1 << (bit % 64)
		}
	}
	if all {
		r.count[h] = 0
	}
	return len(r.count) <= maxRepeats
}

// done forgets the filter.
func (r *repeats) done() { r.filter = nil }

// next is how often the key came before, in the second reading.
func (r *repeats) next(key string) uint32 {
	h := maphash.String(r.seed, key)
	n, ok := r.count[h]
	if ok {
		r.count[h] = n + 1
	}
	return n
}

// identifying are, for each kind, the field that is its id and those that tell a
// line without one from others.
var identifying = map[string]struct {
	id    string
	other []string
}{
	kindOrders:        {fOrder, []string{fNumber, fCustomer, fEmail, fPhone, fName, fLast, fDate, fAmount, fTotal, fCurrency, fSKU, fProduct, fQuantity, fLineAmount}},
	kindLines:         {fOrder, nil},
	kindCustomers:     {fCustomer, []string{fEmail}},
	kindSubscriptions: {fSubscription, []string{fCustomer, fEmail, fPhone, fName, fLast}},
	kindMarketing:     {fCost, []string{fFrom, fTo, fMonth, fChannel, fCategory, fCurrency}},
	kindProgramme:     {fCost, []string{fFrom, fTo, fMonth, fCategory, fCurrency}},
	kindAnswers:       {fAnswer, []string{fDate, fCustomer, fEmail, fPhone, fName, fLast, fOrder}},
}

// grouped says that lines of one id belong together.
func grouped(kind string) bool { return kind == kindOrders || kind == kindLines }

// given is the id that a line has, empty without.
func given(kind string, e entry) string { return e.text(identifying[kind].id) }

// known is the key of a line without an id: a digest of what tells it from others.
func known(kind string, e entry) string {
	digest := sha256.New()
	var size [4]byte
	told := false
	for round := 0; round < 2 && !told; round++ {
		list := identifying[kind].other
		if round == 1 {
			list = e.form.Fields
		}
		for _, field := range list {
			s := e.text(field)
			told = told || s != ""
			binary.BigEndian.PutUint32(size[:], uint32(len(s)))
			digest.Write(size[:])
			io.WriteString(digest, s) //nolint:errcheck // a digest takes everything
		}
	}
	return "line:" + hex.EncodeToString(digest.Sum(nil)[:12])
}

// numbered is a known key with how often it came before.
func numbered(key string, n uint32) string {
	if n == 0 {
		return key
	}
	return key + ":" + strconv.FormatUint(uint64(n), 10)
}

// findRepeats is the first reading of a table.
func findRepeats(ctx context.Context, in rows, size int64, kind string, pick func(row) entry) (*repeats, error) {
	found := newRepeats(size)
	last := ""
	for n := 0; ; n++ {
		r, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // where it breaks, the second reading refuses the rest
			break
		}
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if r.reason != "" {
			continue
		}
		e := pick(r)
		key := given(kind, e)
		switch {
		case key == "":
			key = known(kind, e)
		case !grouped(kind):
			continue // the same id again replaces
		case key == last:
			continue
		}
		last = key
		if !found.see(key) {
			return nil, &connectors.FileError{Reason: reasonRepeats}
		}
	}
	found.done()
	return found, nil
}
