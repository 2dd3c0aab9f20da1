package stripetest

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Account is the id of the world's account.
const Account = "acct_1FoyerAtelier"

// World is what one account holds, and the truth of it. Its methods act at the
// world's clock; each act makes the events that Stripe would make.
type World struct {
	mu      sync.Mutex
	now     time.Time
	live    bool
	made    int
	opened  int64
	objects map[string]*object
	order   []*object
	truth   Truth
	onEvent func(Event)
}

// NewWorld begins a world at a moment, which is also the account's.
func NewWorld(at time.Time) *World {
	return &World{
		now: at.UTC().Truncate(time.Second), opened: at.Unix(), objects: map[string]*object{},
		truth: Truth{Orders: map[string]TruthOrder{}, worth: map[string][]worth{}},
	}
}

// Now is the world's time.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Advance lets time pass.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Live makes what follows real and not a test.
func (w *World) Live() { w.live = true }

// OnEvent is called with every event from now on, while the world stands still:
// it must not call the world.
func (w *World) OnEvent(f func(Event)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onEvent = f
}

func (w *World) account() map[string]any {
	return map[string]any{
		"id": Account, "object": "account", "created": w.opened, "country": "FR",
		"business_profile": map[string]any{"name": "Atelier"},
		"settings":         map[string]any{"dashboard": map[string]any{"display_name": "Atelier"}},
	}
}

// sorted are the objects of a list, the oldest first.
func (w *World) sorted(kind string) []*object {
	var list []*object
	for _, o := range w.order {
		if o.kind == kind {
			list = append(list, o)
		}
	}
	slices.SortStableFunc(list, func(a, b *object) int { return int(a.created() - b.created()) })
	return list
}

func (w *World) id(prefix string) string {
	w.made++
	return fmt.Sprintf("%s_%08d", prefix, w.made)
}

// keep makes an object.
func (w *World) keep(kind, prefix, name string, fields map[string]any) *object {
	if fields["id"] == nil {
		fields["id"] = w.id(prefix)
	}
	if fields["object"] = name; name != "refund" {
		fields["livemode"] = w.live
	}
	if fields["created"] == nil {
		fields["created"] = w.now.Unix()
	}
	o := &object{kind: kind, fields: fields}
	w.objects[o.id()] = o
	w.order = append(w.order, o)
	return o
}

func (w *World) drop(id string) {
	o := w.objects[id]
	delete(w.objects, id)
	w.order = slices.DeleteFunc(w.order, func(x *object) bool { return x == o })
}

// Event is one that is to be delivered.
type Event struct {
	ID, Type string
	Body     map[string]any
}

// happen makes an event of an object as it is now.
func (w *World) happen(kind string, o *object, previous map[string]any) {
	data := map[string]any{"object": plain(o.fields)}
	if previous != nil {
		data["previous_attributes"] = previous
	}
	e := w.keep("events", "evt", "event", map[string]any{"type": kind, "api_version": Version, "data": data, "pending_webhooks": 1})
	if w.onEvent != nil {
		w.onEvent(Event{ID: e.id(), Type: kind, Body: plain(e.fields).(map[string]any)})
	}
}

// Customer makes one; an empty phone is not told.
func (w *World) Customer(name, email, phone string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.keep("customers", "cus", "customer", map[string]any{
		"name": name, "email": email, "phone": phone, "description": "a note that nobody needs",
		"address": map[string]any{"line1": "12 rue des Lilas", "postal_code": "69001", "city": "Lyon", "country": "FR"},
	})
	w.truth.Customers++
	w.happen("customer.created", o, nil)
	return o.id()
}

// Rename changes a customer.
func (w *World) Rename(id, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[id]
	old := o.fields["name"]
	o.fields["name"] = name
	w.happen("customer.updated", o, map[string]any{"name": old})
}

// Forget deletes a customer.
func (w *World) Forget(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[id]
	w.happen("customer.deleted", o, nil)
	w.drop(id)
	w.truth.Forgotten++
}

// Promotion makes a coupon with a code that people type; percent in whole
// percents, or an amount of a currency.
func (w *World) Promotion(code, duration string, percent int, amount int64, currency string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	fields := map[string]any{"duration": duration, "percent_off": nil, "amount_off": nil, "currency": nil, "valid": true}
	if percent > 0 {
		fields["percent_off"] = percent
	} else {
		fields["amount_off"], fields["currency"] = amount, currency
	}
	c := w.keep("coupons", "co", "coupon", fields)
	return w.keep("promotion_codes", "promo", "promotion_code", map[string]any{
		"code": code, "active": true, "promotion": map[string]any{"type": "coupon", "coupon": c.id()},
	}).id()
}

// discount puts a promotion to work.
func (w *World) discount(promotion string, end int64) string {
	coupon := w.objects[promotion].fields["promotion"].(map[string]any)["coupon"]
	fields := map[string]any{
		"promotion_code": promotion, "source": map[string]any{"type": "coupon", "coupon": coupon}, "start": w.now.Unix(), "end": nil,
	}
	if end > 0 {
		fields["end"] = end
	}
	o := w.keep("discounts", "di", "discount", fields)
	return o.id()
}
