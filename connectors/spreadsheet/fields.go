package spreadsheet

import "github.com/foyer-app/foyer/connectors"

// The kinds of table.
const (
	kindCustomers     = "customers"
	kindOrders        = "orders"
	kindLines         = "lines"
	kindSubscriptions = "subscriptions"
	kindMarketing     = "marketing"
	kindProgramme     = "programme"
	kindAnswers       = "answers"
)

// The fields that code asks for by name.
const (
	fOrder, fNumber, fDate, fAmount, fTotal, fTax, fRate   = "order", "number", "date", "amount", "total", "tax", "rate"
	fShipping, fDiscount, fRefunded, fRefundedAt           = "shipping", "discount", "refunded", "refunded_at"
	fCode, fChannel, fState, fTest, fCurrency, fUpdated    = "code", "channel", "state", "test", "currency", "updated"
	fCustomer, fEmail, fPhone, fName, fFirst, fLast        = "customer", "email", "phone", "name", "first_name", "last_name"
	fCompany, fCountry, fCity, fCreated                    = "company", "country", "city", "created"
	fSKU, fProduct, fQuantity, fUnitPrice, fLineAmount     = "sku", "product", "quantity", "unit_price", "line_amount"
	fSubscription, fStarted, fTenure, fEnded, fChurned     = "subscription", "started", "tenure", "ended", "churned"
	fTrialEnd, fCancelAsked, fMonthly, fInterval           = "trial_end", "cancel_asked", "monthly", "interval"
	fFrom, fTo, fMonth, fCategory, fHours, fMinutes, fCost = "from", "to", "month", "category", "hours", "minutes", "cost"
	fAnswer, fChoice                                       = "answer", "choice"
)

// Kinds lists what a table can hold. The order of fields is that of the page.
func (Connector) Kinds() []connectors.TableKind {
	person := fields(fCustomer, fEmail, fPhone, fName, fFirst, fLast, fCompany, fCountry, fCity)
	return []connectors.TableKind{
		{
			Key: kindOrders, Money: true, Fields: join(
				fields(fOrder, fNumber), oneOf("date", fDate), oneOf("amount", fAmount, fTotal), fields(fTax, fRate, fShipping, fDiscount, fCurrency,
					fRefunded, fRefundedAt, fState, fTest, fCode, fChannel), person, fields(fSKU, fProduct, fQuantity, fUnitPrice, fLineAmount, fUpdated)),
		},
		{
			Key: kindLines, Money: true, Fields: join(
				oneOf("order", fOrder), oneOf("date", fDate), oneOf("line", fLineAmount, fUnitPrice), fields(fQuantity, fSKU, fProduct, fRate, fTax,
					fCurrency, fNumber, fShipping, fState, fTest, fCode, fChannel), person, fields(fUpdated)),
		},
		{
			Key: kindCustomers, Fields: join(
				oneOf("who", fCustomer, fEmail, fPhone), fields(fName, fFirst, fLast, fCompany, fCountry, fCity, fCreated, fChannel, fUpdated)),
		},
		{
			Key: kindSubscriptions, Money: true, Fields: join(
				fields(fSubscription), oneOf("start", fStarted, fTenure), oneOf("price", fMonthly), fields(fInterval, fCurrency, fRate, fTax,
					fState, fChurned, fEnded, fCancelAsked, fTrialEnd, fTest), person, fields(fUpdated)),
		},
		{
			Key: kindMarketing, Money: true, Fields: join(
				fields(fCost), oneOf("day", fFrom, fMonth), fields(fTo), oneOf("cost", fAmount), fields(fTax, fRate, fCurrency, fChannel, fCategory)),
		},
		{
			Key: kindProgramme, Money: true, Fields: join(
				fields(fCost), oneOf("day", fFrom, fMonth), fields(fTo), oneOf("cost", fAmount), fields(fTax, fRate, fCurrency, fCategory, fHours, fMinutes)),
		},
		{
			Key: kindAnswers, Fields: join(
				fields(fAnswer), oneOf("date", fDate), oneOf("choice", fChoice), fields(fOrder), person),
		},
	}
}

func fields(keys ...string) []connectors.TableField { return oneOf("", keys...) }

func oneOf(group string, keys ...string) []connectors.TableField {
	list := make([]connectors.TableField, len(keys))
	for i, k := range keys {
		list[i] = connectors.TableField{Key: k, OneOf: group}
	}
	return list
}

func join(lists ...[]connectors.TableField) []connectors.TableField {
	var all []connectors.TableField
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// kindOf returns a kind by its key.
func kindOf(key string) (connectors.TableKind, bool) {
	for _, k := range (Connector{}).Kinds() {
		if k.Key == key {
			return k, true
		}
	}
	return connectors.TableKind{}, false
}

// amounts and dates are the fields whose values are written in those ways.
var (
	amounts = []string{fAmount, fTotal, fTax, fRate, fShipping, fDiscount, fRefunded, fUnitPrice, fLineAmount, fMonthly, fQuantity, fHours}
	dates   = []string{fDate, fRefundedAt, fCreated, fUpdated, fStarted, fEnded, fCancelAsked, fTrialEnd, fFrom, fTo}
)
