package community

import "time"

// Contact is how somebody can be recognised elsewhere: values as the source gives
// them. The store keeps keys of them and the values sealed; nothing else does.
type Contact struct {
	Name   string
	Emails []string // the main one first
	Phones []string
	// Verified says that the source made sure that the first address is theirs.
	Verified bool
	// Country is the ISO 3166-1 alpha-2 code of the billing address, upper case;
	// phones without a prefix are read by it. Empty where it is not told.
	Country string
	City    string
	Company string
}

// Customer is somebody, or a company, that buys from the brand, as one source
// knows it.
type Customer struct {
	ExternalID string // the source's own id
	Contact    Contact
	Created    time.Time // zero where the source does not tell
	// Channel is what brought the customer, in the source's words: "instagram".
	Channel string
	// Aliases are ids that the source has merged into this one, for good.
	Aliases []string
	// Accounts are ids that other systems have for the customer, as
	// "platform/external id": a shop's customer named by the billing system.
	Accounts []string
	// Erase says that the source demands that everything personal goes.
	Erase bool
	// Revision orders versions: the milliseconds of the source's last change. A
	// lower one than the stored changes nothing; an equal one replaces.
	Revision int64
}

// OrderState is how far an order has come. The numbers are stored.
type OrderState int16

// The states of an order.
const (
	OrderPlaced    OrderState = 0 // not paid yet, or authorised only
	OrderPaid      OrderState = 1 // paid, whatever was refunded since
	OrderCancelled OrderState = 2 // cancelled, expired or void
)

// Order is one purchase. All amounts are in the currency of Net.
type Order struct {
	ExternalID string // the source's own id
	Number     string // as people read it on the invoice; finds the same order in another source
	Customer   string // Customer.ExternalID; empty for a guest
	Guest      Contact
	At         time.Time // when it was placed
	State      OrderState
	Test       bool // left out of every figure
	// Declared says that it is an entry of a CRM and not cash that a shop took.
	Declared bool
	// Net is what the goods cost after discounts, without tax, shipping, tips and
	// gift cards that were sold, before refunds.
	Net      Money
	Tax      Money // on the goods; Money{} where it is not told
	Shipping Money // without tax
	Discount Money // without tax, positive
	Codes    []string
	Channel  string // what brought the order, in the source's words
	Country  string // ISO 3166-1 alpha-2 of delivery or billing
	Refunds  []Refund
	Lines    []OrderLine // empty where the source does not tell
	Revision int64       // as Customer.Revision
	Deleted  bool        // the source removed it
}

// Refund is money given back, or charged back. Orders bring all of theirs.
type Refund struct {
	ExternalID string
	At         time.Time
	Net        Money // positive, without tax and shipping
	Tax        Money
}

// OrderLine is one article of an order.
type OrderLine struct {
	SKU      string
	Name     string
	Quantity int64 // thousandths: 1000 is one piece
	Net      Money // of the whole line, after its share of the discounts
}

// SubscriptionStatus is what a subscription is worth at a moment. The numbers
// are stored.
type SubscriptionStatus int16

// The statuses of a subscription.
const (
	SubscriptionIncomplete SubscriptionStatus = 0 // never became one
	SubscriptionTrialing   SubscriptionStatus = 1 // free
	SubscriptionActive     SubscriptionStatus = 2
	SubscriptionPastDue    SubscriptionStatus = 3 // a payment is late; it counts
	SubscriptionUnpaid     SubscriptionStatus = 4 // given up on: churned, not by its own wish
	SubscriptionPaused     SubscriptionStatus = 5
	SubscriptionEnded      SubscriptionStatus = 6
)

// Subscription is an agreement that renews itself.
type Subscription struct {
	ExternalID  string
	Customer    string
	Guest       Contact // where the source has no customers
	Started     time.Time
	TrialEnd    time.Time // zero: no trial
	CancelAsked time.Time // when the end was asked for, not the end
	Ended       time.Time // zero: it runs
	// States is its course as far as this payload tells it, each from its moment
	// on. They join those that are known; the same moment replaces.
	States   []SubscriptionState
	Test     bool
	Revision int64
	Deleted  bool
}

// SubscriptionState is what a subscription is worth from a moment on: per month,
// without tax, usage not included.
type SubscriptionState struct {
	At      time.Time
	Status  SubscriptionStatus
	Monthly Money // before discounts
	Forever Money // discounts without an end, positive, a month
	Finite  Money // discounts that end by themselves, positive, a month
}

// CostKind tells costs apart. The numbers are stored.
type CostKind int16

// The kinds of cost.
const (
	MarketingCost CostKind = 1 // paid acquisition, by channel
	ProgrammeCost CostKind = 2 // what the community costs: people, tools, rewards, events
)

// Cost is money spent, over the days [From, To).
type Cost struct {
	ExternalID string
	Kind       CostKind
	From, To   time.Time // midnights in UTC that stand for days
	Category   string    // people, tools, rewards, events, other; free words of a file
	Channel    string    // of marketing
	Amount     Money     // without tax
	Minutes    int64     // of people's time, where that is told; 0 otherwise
	Deleted    bool
}

// Answer is what somebody said to "How did you hear about us?".
type Answer struct {
	ExternalID string
	At         time.Time
	Customer   string // Customer.ExternalID; empty: see Guest
	Guest      Contact
	Order      string // Order.ExternalID, where it was asked with one
	Choice     string // as answered; empty when Skipped
	Skipped    bool
	Deleted    bool
}

// Business is the part of a batch that speaks of money.
type Business struct {
	Customers     []Customer
	Orders        []Order
	Subscriptions []Subscription
	Costs         []Cost
	Answers       []Answer
}

// Empty says that it holds nothing.
func (b *Business) Empty() bool {
	return len(b.Customers)+len(b.Orders)+len(b.Subscriptions)+len(b.Costs)+len(b.Answers) == 0
}

func (b *Business) append(o Business) {
	b.Customers = append(b.Customers, o.Customers...)
	b.Orders = append(b.Orders, o.Orders...)
	b.Subscriptions = append(b.Subscriptions, o.Subscriptions...)
	b.Costs = append(b.Costs, o.Costs...)
	b.Answers = append(b.Answers, o.Answers...)
}
