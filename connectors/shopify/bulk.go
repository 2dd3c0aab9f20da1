package shopify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// The bounds of a first load.
const (
	bulkFails = 3 // of an operation, before everything is read by pages
	pollFirst = 2 * time.Second
	pollMost  = 30 * time.Second
	pieceAnew = 40          // orders of a piece that cost calls of their own
	busyWait  = time.Minute // when the shop makes as many files already as it may
)

// operation is a bulk operation.
type operation struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	FileSize number `json:"fileSize"`
	URL      string `json:"url"`
}

// bulk makes one step of a first load: it begins an operation, asks whether it is
// ready, or reads a piece of its file. part is how much of the file was read.
func (b *backfill) bulk(ctx context.Context) (part float64, done bool, err error) {
	c := &b.cursor
	if c.Operation == "" {
		return 0, false, b.begin(ctx)
	}
	var got struct {
		Operation operation `json:"bulkOperation"`
	}
	if err := b.ask(ctx, queryBulk, map[string]any{"id": c.Operation}, &got); err != nil {
		return 0, false, err
	}
	switch op := got.Operation; op.Status {
	case "CREATED", "RUNNING", "CANCELING":
		c.Polls++
		b.out.Pause = min(pollFirst*time.Duration(min(c.Polls, 100)), pollMost)
		return 0, false, nil
	case "COMPLETED":
		if op.URL == "" { // nothing was found
			return 1, true, nil
		}
		return b.piece(ctx, op)
	default: // failed, was cancelled, is too old, or is not known any more
		b.failed()
		return 0, false, nil
	}
}

// begin starts an operation.
func (b *backfill) begin(ctx context.Context) error {
	query := bulkOrders
	if b.cursor.Kinds == kindsCustomers {
		query = bulkCustomers
	}
	var got struct {
		Run struct {
			Operation  operation  `json:"bulkOperation"`
			UserErrors userErrors `json:"userErrors"`
		} `json:"bulkOperationRunQuery"`
	}
	err := b.ask(ctx, mutationBulk, map[string]any{"query": query}, &got)
	list := got.Run.UserErrors
	switch {
	case err != nil:
		return err
	case list.has("OPERATION_IN_PROGRESS"), list.has("LIMIT_REACHED"), list.has("already in progress"):
		return &connectors.RateLimitError{After: busyWait}
	case len(list) > 0 || got.Run.Operation.ID == "":
		b.app.Log.WarnContext(ctx, "shopify: no bulk operation", "error", list.err())
		b.failed()
		return nil
	}
	b.cursor.Operation, b.cursor.Offset, b.cursor.Polls = got.Run.Operation.ID, 0, 0
	b.out.Pause = pollFirst
	return nil
}

// failed begins anew, and goes over to pages when that did not help.
func (b *backfill) failed() {
	c := &b.cursor
	c.Operation, c.Offset, c.Polls, c.Fails = "", 0, 0, c.Fails+1
	b.out.Pause = pollFirst
	if c.Fails >= bulkFails {
		c.Mode = modeAll
	}
}

var errPlace = errors.New("the file is at an address that is not to be trusted")

// piece reads on in the file. One that ends before its size does is read again
// from where it ended; when nothing more comes, the operation counts as failed.
func (b *backfill) piece(ctx context.Context, op operation) (part float64, done bool, err error) {
	c := &b.cursor
	before := c.Offset
	r, err := b.file(ctx, op.URL)
	if err != nil {
		return 0, false, err
	}
	defer r.Body.Close()
	size, _ := strconv.ParseInt(string(op.FileSize), 10, 64)
	lines := newReader(r.Body, c.Offset, size)
	var list []order
	anew := 0 // orders that are to be asked for with their refunds
	c.Offset, done = lines.things(func(object []byte, parts [][]byte) bool {
		if c.Kinds == kindsCustomers {
			var one customer
			_ = decode(object, &one) // it was read once
			b.add(kindCustomer, id(one.ID), encode(one))
			return false
		}
		o := orderOf(object, parts)
		list, anew = append(list, o), anew+min(len(o.Refunds), 1)
		return anew >= pieceAnew
	})
	if lines.skipped > 0 {
		b.app.Log.WarnContext(ctx, "shopify: lines of a file were not read", "lines", lines.skipped)
	}
	if err := b.addOrders(ctx, list); err != nil {
		return 0, false, err
	}
	if done {
		return 1, true, nil
	}
	if c.Offset == before {
		b.stuck()
	}
	return float64(c.Offset) / float64(max(size, c.Offset, 1)), false, nil
}

// orderOf puts the lines of an order where they stand in a page.
func orderOf(object []byte, parts [][]byte) (o order) {
	_ = decode(object, &o) // it was read once
	for _, p := range parts {
		var l line
		_ = decode(p, &l)
		o.LineItems.Nodes = append(o.LineItems.Nodes, l)
	}
	return o
}

// stuck is a file that ends where we are before its end. It may be whole another
// time; after some times another one is made.
func (b *backfill) stuck() {
	b.cursor.Stuck++
	b.out.Pause = pollFirst
	if b.cursor.Stuck%bulkFails == 0 {
		b.failed()
	}
}

// file opens the result from the offset on. It comes from a storage of Shopify's,
// which gets no token of ours: the address is a secret of its own.
func (b *backfill) file(ctx context.Context, address string) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && b.app.Base == "" {
		return nil, errPlace
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errPlace
	}
	if b.cursor.Offset > 0 {
		r.Header.Set("Range", "bytes="+strconv.FormatInt(b.cursor.Offset, 10)+"-")
	}
	r.Header.Set("Accept-Encoding", "identity") // offsets are of the file as it is
	resp, err := b.app.HTTP.Do(r)
	if err != nil {
		return nil, plain(err)
	}
	switch {
	case resp.StatusCode == http.StatusPartialContent && b.cursor.Offset > 0:
		return resp, nil
	case resp.StatusCode == http.StatusOK:
		if err := discard(resp.Body, b.cursor.Offset); err != nil {
			resp.Body.Close()
			return nil, fmt.Errorf("file: %w", err)
		}
		return resp, nil
	}
	resp.Body.Close()
	return nil, fmt.Errorf("file: status %d", resp.StatusCode)
}

// plain is an error of a request without its address.
func plain(err error) error {
	var where *url.Error
	if errors.As(err, &where) {
		return fmt.Errorf("file: %w", where.Err)
	}
	return err
}
