package stripe

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"
	"time"
)

func TestExponent(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]uint8{"EUR": 2, "ISK": 2, "UGX": 2, "HUF": 2, "TWD": 2, "JPY": 0, "XPF": 0, "MGA": 0, "KRW": 0, "KWD": 3, "TND": 3, "BHD": 3} {
		if got := exponent(code); got != want {
			t.Errorf("%s has %d decimals, not %d", code, got, want)
		}
	}
}

func TestRound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": 0, "1/2": 1, "-1/2": -1, "49/100": 0, "3/2": 2, "-5/2": -3, "1e30": largest} {
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatal(text)
		}
		if got := round(r); got != want {
			t.Errorf("%s becomes %d, not %d", text, got, want)
		}
	}
}

// TestWorth holds the monthly amount of subscriptions against numbers made by hand.
func TestWorth(t *testing.T) {
	t.Parallel()
	price := func(unit, interval string, count int) string {
		return fmt.Sprintf(`"price":{"id":"p","unit_amount_decimal":%q,"recurring":{"interval":%q,"interval_count":%d,"usage_type":"licensed"}}`, unit, interval, count)
	}
	off := func(percent string, amount int, duration, more string) string {
		return fmt.Sprintf(`{"id":"di"%s,"source":{"coupon":{"id":"co","percent_off":%s,"amount_off":%d,"currency":"eur","duration":%q}}}`, more, percent, amount, duration)
	}
	tiers := `"price":{"id":"p","billing_scheme":"tiered","tiers_mode":%q,"recurring":{"interval":"month","interval_count":1},"tiers":[{"up_to":2,"unit_amount_decimal":"1000","flat_amount_decimal":"500"},{"up_to":null,"unit_amount_decimal":"400"}]}`
	for name, c := range map[string]struct {
		items, more           string
		full, forever, finite int64
	}{
		"month":                      {`{"quantity":3,` + price("1999", "month", 1) + `}`, "", 5997, 0, 0},
		"without a quantity":         {`{` + price("1999", "month", 1) + `}`, "", 1999, 0, 0},
		"decimal units":              {`{"quantity":1000,` + price("0.125", "month", 1) + `}`, "", 125, 0, 0},
		"a third, rounded once":      {`{"quantity":2,` + price("100", "month", 3) + `}`, "", 67, 0, 0},
		"year":                       {`{"quantity":1,` + price("120000", "year", 1) + `}`, "", 10000, 0, 0},
		"two years":                  {`{"quantity":1,` + price("240000", "year", 2) + `}`, "", 10000, 0, 0},
		"week":                       {`{"quantity":1,` + price("1000", "week", 1) + `}`, "", 4348, 0, 0},
		"two weeks":                  {`{"quantity":1,` + price("1000", "week", 2) + `}`, "", 2174, 0, 0},
		"day":                        {`{"quantity":1,` + price("100", "day", 1) + `}`, "", 3044, 0, 0},
		"thirty days":                {`{"quantity":1,` + price("3000", "day", 30) + `}`, "", 3044, 0, 0},
		"metered":                    {`{"price":{"unit_amount_decimal":"5","recurring":{"interval":"month","interval_count":1,"usage_type":"metered"}}}`, "", 0, 0, 0},
		"one time":                   {`{"quantity":1,"price":{"unit_amount_decimal":"9900","recurring":null}}`, "", 0, 0, 0},
		"several":                    {`{"quantity":1,` + price("100", "month", 1) + `},{"quantity":1,` + price("1200", "year", 1) + `}`, "", 200, 0, 0},
		"graduated":                  {`{"quantity":5,` + fmt.Sprintf(tiers, "graduated") + `}`, "", 500 + 2000 + 1200, 0, 0},
		"graduated, first step":      {`{"quantity":1,` + fmt.Sprintf(tiers, "graduated") + `}`, "", 1500, 0, 0},
		"volume":                     {`{"quantity":5,` + fmt.Sprintf(tiers, "volume") + `}`, "", 2000, 0, 0},
		"packs":                      {`{"quantity":11,"price":{"unit_amount_decimal":"1000","transform_quantity":{"divide_by":5,"round":"up"},"recurring":{"interval":"month","interval_count":1}}}`, "", 3000, 0, 0},
		"forever":                    {`{"quantity":1,` + price("2000", "month", 1) + `}`, `,"discounts":[` + off("12.5", 0, "forever", "") + `]`, 2000, 250, 0},
		"finite":                     {`{"quantity":1,` + price("2000", "month", 1) + `}`, `,"discounts":[` + off("50", 0, "repeating", `,"end":1800000000`) + `]`, 2000, 0, 1000},
		"once":                       {`{"quantity":1,` + price("2000", "month", 1) + `}`, `,"discounts":[` + off("50", 0, "once", "") + `]`, 2000, 0, 1000},
		"over":                       {`{"quantity":1,` + price("2000", "month", 1) + `}`, `,"discounts":[` + off("50", 0, "repeating", `,"end":1700000000`) + `]`, 2000, 0, 0},
		"an amount of a year":        {`{"quantity":1,` + price("24000", "year", 1) + `}`, `,"discounts":[` + off("null", 1200, "forever", "") + `]`, 2000, 100, 0},
		"an amount above the price":  {`{"quantity":1,` + price("2000", "month", 1) + `}`, `,"discounts":[` + off("null", 9900, "forever", "") + `]`, 2000, 2000, 0},
		"the item's before":          {`{"quantity":1,` + price("10000", "month", 1) + `,"discounts":[` + off("null", 2000, "forever", "") + `]}`, `,"discounts":[` + off("50", 0, "forever", "") + `]`, 10000, 6000, 0},
		"forever beside finite":      {`{"quantity":1,` + price("10000", "month", 1) + `}`, `,"discounts":[` + off("50", 0, "once", "") + `,` + off("10", 0, "forever", "") + `]`, 10000, 1000, 4500},
		"of another currency":        {`{"quantity":1,` + price("2000", "month", 1) + `}`, `,"currency":"usd","discounts":[` + off("null", 500, "forever", "") + `]`, 2000, 0, 0},
		"a discount that is untold":  {`{"quantity":1,` + price("2000", "month", 1) + `}`, `,"discounts":["di_1"]`, 2000, 0, 0},
		"tax in the price":           {`{"quantity":1,` + price("2400", "month", 1) + `}`, `,"default_tax_rates":[{"percentage":20,"inclusive":true}]`, 2000, 0, 0},
		"the item's own tax":         {`{"quantity":1,"tax_rates":[{"percentage":"5.5","inclusive":true}],` + price("1055", "month", 1) + `}`, `,"default_tax_rates":[{"percentage":20,"inclusive":true}]`, 1000, 0, 0},
		"tax beside the price":       {`{"quantity":1,` + price("2400", "month", 1) + `}`, `,"default_tax_rates":[{"percentage":20,"inclusive":false}]`, 2400, 0, 0},
		"tax that the invoice tells": {`{"quantity":1,"price":{"unit_amount_decimal":"2400","tax_behavior":"inclusive","recurring":{"interval":"month","interval_count":1}}}`, `,"latest_invoice":{"id":"in_1","total":2400,"total_excluding_tax":2000}`, 2000, 0, 0},
		"numbers that are none":      {`{"quantity":1,` + price("1e999999999", "month", 1) + `}`, "", 0, 0, 0},
	} {
		var s subscription
		if err := json.Unmarshal([]byte(`{"currency":"eur","items":{"data":[`+c.items+`]}`+c.more+`}`), &s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		full, forever, finite := s.worth(time.Unix(1_762_000_000, 0))
		if full != c.full || forever != c.forever || finite != c.finite {
			t.Errorf("%s: %d, %d, %d instead of %d, %d, %d", name, full, forever, finite, c.full, c.forever, c.finite)
		}
	}
}
