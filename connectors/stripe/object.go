package stripe

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// The objects of Stripe's API as far as they are read. What stands here is what
// is kept of them: a payload is written from these types, so that cards, street
// addresses, descriptions and metadata never leave the request.

// list is one page, or a list inside an object.
type list[T any] struct {
	Data    []T  `json:"data,omitempty"`
	HasMore bool `json:"has_more,omitempty"`
}

// ref is the id of an object, whether it was expanded or not.
type ref string

func (r *ref) UnmarshalJSON(raw []byte) error {
	var e expandable[struct{}]
	err := e.UnmarshalJSON(raw)
	*r = ref(e.ID)
	return err
}

// expandable is an id, or the object.
type expandable[T any] struct {
	ID     string
	Object *T // nil when it is not expanded
}

func (e *expandable[T]) UnmarshalJSON(raw []byte) error {
	*e = expandable[T]{}
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' {
		return decode(raw, &e.ID)
	}
	var id struct {
		ID string `json:"id"`
	}
	e.Object = new(T)
	if err := decode(raw, &id); err != nil {
		return err
	}
	e.ID = id.ID
	return decode(raw, e.Object)
}

func (e expandable[T]) MarshalJSON() ([]byte, error) {
	if e.Object != nil {
		return json.Marshal(e.Object)
	}
	return json.Marshal(e.ID)
}

// decimal is a number as Stripe writes it, in a text or as a number.
type decimal string

func (d *decimal) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "null" || len(text) > 40 || strings.Trim(text, "-.0123456789") != "" {
		text = ""
	}
	*d = decimal(text)
	return nil
}

type address struct {
	City    string `json:"city,omitempty"`
	Country string `json:"country,omitempty"`
}

// person is what several objects tell of who pays.
type person struct {
	Name    string   `json:"name,omitempty"`
	Email   string   `json:"email,omitempty"`
	Phone   string   `json:"phone,omitempty"`
	Address *address `json:"address,omitempty"`
}

type tax struct {
	Amount   int64  `json:"amount"`
	Behavior string `json:"tax_behavior,omitempty"`
}

type shipping struct {
	Subtotal int64 `json:"amount_subtotal,omitempty"`
	Tax      int64 `json:"amount_tax,omitempty"`
}

type promotionCode struct {
	ID   string `json:"id"`
	Code string `json:"code,omitempty"`
}

type coupon struct {
	ID         string  `json:"id"`
	PercentOff decimal `json:"percent_off,omitempty"`
	AmountOff  int64   `json:"amount_off,omitempty"`
	Currency   string  `json:"currency,omitempty"`
	Duration   string  `json:"duration,omitempty"`
}

// discount is a coupon at work. Versions before 2025 wrote the coupon into it.
type discount struct {
	ID     string `json:"id"`
	End    int64  `json:"end,omitempty"`
	Source struct {
		Coupon expandable[coupon] `json:"coupon"`
	} `json:"source"`
	Old       *coupon                   `json:"coupon,omitempty"`
	Promotion expandable[promotionCode] `json:"promotion_code"`
}

func (d *discount) coupon() *coupon {
	if d.Source.Coupon.Object != nil {
		return d.Source.Coupon.Object
	}
	return d.Old
}

type discountAmount struct {
	Amount   int64                `json:"amount"`
	Discount expandable[discount] `json:"discount"`
}

type invoicePayment struct {
	ID      string `json:"id"`
	Created int64  `json:"created,omitempty"`
	Status  string `json:"status,omitempty"`
	Invoice ref    `json:"invoice,omitempty"`
	Payment struct {
		Intent ref `json:"payment_intent,omitempty"`
		Charge ref `json:"charge,omitempty"`
	} `json:"payment"`
}

type invoice struct {
	ID          string               `json:"id"`
	Created     int64                `json:"created"`
	Currency    string               `json:"currency"`
	Customer    ref                  `json:"customer,omitempty"`
	Address     *address             `json:"customer_address,omitempty"`
	Number      string               `json:"number,omitempty"`
	Status      string               `json:"status"`
	Livemode    bool                 `json:"livemode"`
	Subtotal    int64                `json:"subtotal"`
	Total       int64                `json:"total"`
	Net         *int64               `json:"total_excluding_tax,omitempty"`
	Taxes       []tax                `json:"total_taxes,omitempty"`
	Shipping    *shipping            `json:"shipping_cost,omitempty"`
	Discounts   []discountAmount     `json:"total_discount_amounts,omitempty"`
	NotesBefore int64                `json:"pre_payment_credit_notes_amount,omitempty"`
	NotesAfter  int64                `json:"post_payment_credit_notes_amount,omitempty"`
	Payments    list[invoicePayment] `json:"payments,omitzero"`
	Transitions struct {
		Finalized int64 `json:"finalized_at,omitempty"`
	} `json:"status_transitions,omitzero"`
}

type charge struct {
	ID            string `json:"id"`
	Created       int64  `json:"created"`
	Currency      string `json:"currency"`
	Amount        int64  `json:"amount"`
	Captured      int64  `json:"amount_captured"`
	Refunded      int64  `json:"amount_refunded,omitempty"`
	IsCaptured    bool   `json:"captured"`
	IsRefunded    bool   `json:"refunded,omitempty"`
	Disputed      bool   `json:"disputed,omitempty"`
	Status        string `json:"status"`
	Customer      ref    `json:"customer,omitempty"`
	Intent        ref    `json:"payment_intent,omitempty"`
	Billing       person `json:"billing_details"`
	ReceiptEmail  string `json:"receipt_email,omitempty"`
	ReceiptNumber string `json:"receipt_number,omitempty"`
	Livemode      bool   `json:"livemode"`
}

type refund struct {
	ID      string `json:"id"`
	Amount  int64  `json:"amount"`
	Created int64  `json:"created"`
	Status  string `json:"status,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Charge  ref    `json:"charge,omitempty"`
	Intent  ref    `json:"payment_intent,omitempty"`
}

type creditNote struct {
	ID       string    `json:"id"`
	Created  int64     `json:"created"`
	Status   string    `json:"status"`
	Invoice  ref       `json:"invoice,omitempty"`
	Total    int64     `json:"total"`
	Net      *int64    `json:"total_excluding_tax,omitempty"`
	Taxes    []tax     `json:"total_taxes,omitempty"`
	Shipping *shipping `json:"shipping_cost,omitempty"`
	Refunds  []struct {
		Refund ref `json:"refund"`
	} `json:"refunds,omitempty"`
}

type dispute struct {
	ID       string `json:"id"`
	Amount   int64  `json:"amount"`
	Created  int64  `json:"created"`
	Currency string `json:"currency,omitempty"`
	Status   string `json:"status"`
	Charge   ref    `json:"charge,omitempty"`
	Intent   ref    `json:"payment_intent,omitempty"`
}

// session is a visit to Checkout, which tells of a payment what the payment itself does not.
type session struct {
	ID       string    `json:"id"`
	Mode     string    `json:"mode,omitempty"`
	Currency string    `json:"currency,omitempty"`
	Total    int64     `json:"amount_total"`
	Intent   ref       `json:"payment_intent,omitempty"`
	Shipping *shipping `json:"shipping_cost,omitempty"`
	Details  struct {
		Discount int64 `json:"amount_discount,omitempty"`
		Tax      int64 `json:"amount_tax,omitempty"`
	} `json:"total_details"`
	Discounts []struct {
		Promotion expandable[promotionCode] `json:"promotion_code"`
	} `json:"discounts,omitempty"`
	Person person `json:"customer_details"`
}

// moment is a time of Stripe's; zero for none, and for what is no time.
func moment(seconds int64) time.Time {
	if seconds <= 0 || seconds > 253402300799 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func millis(ms int64) time.Time {
	t := moment(ms / 1000)
	if t.IsZero() {
		return t
	}
	return t.Add(time.Duration(ms%1000) * time.Millisecond)
}

// external makes an id of ours. Stripe once let people choose the ids of their
// customers, so one may be an address.
func external(id string) string {
	if id = clean(id); strings.Contains(id, "@") || len(id) > 255 {
		sum := sha256.Sum256([]byte(id))
		return "own_" + hex.EncodeToString(sum[:16])
	}
	return id
}

// clean makes a text that a database takes.
func clean(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", ""))
}
