package identity

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// ErrPhone means that a text is no phone number that could be of one person. The
// text is not repeated.
var ErrPhone = errors.New("not a person's phone number")

// maxPhone bounds the text of a number, in bytes.
const maxPhone = 100

// Phone is a number in the form that it is compared in.
type Phone struct {
	Number Value // E.164: "+33612345678"
	// Mobile says that the number's plan has it for mobile phones, or (North America)
	// does not tell them apart. Others are shared by households and offices.
	Mobile bool
}

// ParsePhone normalises a number. Without a + or 00 before it, it is read as one
// dials it in region, a country of ISO 3166 in two letters: the order's or the bill's
// country, else the organisation's. With no region, or an unknown one, only
// international numbers read. Numbers that the plan of their country does not have,
// extensions of a switchboard, and numbers of services (free, shared cost, premium)
// are ErrPhone. The region of the result says nothing about a person: numbers of
// Guernsey and Britain look alike.
func ParsePhone(raw, region string) (Phone, error) {
	if len(raw) > maxPhone {
		return Phone{}, fmt.Errorf("%w: too long", ErrPhone)
	}
	raw, region = strings.TrimFunc(raw, blank), knownRegion(region)
	if rest, ok := strings.CutPrefix(raw, "00"); ok && region == "" {
		raw = "+" + rest
	}
	number, err := phonenumbers.Parse(raw, region)
	if err != nil {
		return Phone{}, fmt.Errorf("%w: it does not read as one", ErrPhone) // the cause may quote it
	}
	if number.GetExtension() != "" {
		return Phone{}, fmt.Errorf("%w: an extension", ErrPhone)
	}
	if !phonenumbers.IsValidNumber(number) {
		return Phone{}, fmt.Errorf("%w: its country has no such number", ErrPhone)
	}
	p := Phone{Number: Value{KindPhone, phonenumbers.Format(number, phonenumbers.E164)}}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		p.Mobile = true
	case phonenumbers.FIXED_LINE, phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER:
	default:
		return Phone{}, fmt.Errorf("%w: a number of a service", ErrPhone)
	}
	return p, nil
}

// knownRegion returns the region in capitals, empty when numbers of it are not known.
func knownRegion(region string) string {
	region = strings.ToUpper(strings.TrimSpace(region))
	if len(region) != 2 || phonenumbers.GetCountryCodeForRegion(region) == 0 {
		return ""
	}
	return region
}
