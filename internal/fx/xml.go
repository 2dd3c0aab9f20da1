package fx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/foyer-app/foyer/internal/community"
)

// maxRates bounds what one answer may hold: the whole history is a fifth of it.
const maxRates = 1_000_000

var errAnswer = errors.New("not the reference rates as the bank writes them")

// ParseXML reads the bank's XML (of a day, of ninety days, or the whole history) and
// returns the rates of days after the given one. An answer without any rate, with
// one that is none, or with one of a day after last is an error as a whole: half an
// answer would pass for a pause of the publisher.
func ParseXML(r io.Reader, after, last community.Date) ([]community.ExchangeRate, error) {
	p := parser{after: after, last: last}
	for dec := xml.NewDecoder(r); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errAnswer, err)
		}
		if element, ok := token.(xml.StartElement); ok && element.Name.Local == "Cube" {
			if err := p.cube(element); err != nil {
				return nil, err
			}
		}
	}
	if p.seen == 0 {
		return nil, fmt.Errorf("%w: no rate in it", errAnswer)
	}
	return p.list, nil
}

type parser struct {
	after, last community.Date
	day         community.Date
	dated       bool
	seen        int
	list        []community.ExchangeRate
}

// cube reads one element: a day, or a rate of the day before it.
func (p *parser) cube(element xml.StartElement) error {
	var day, currency, rate string
	for _, a := range element.Attr {
		switch a.Name.Local {
		case "time":
			day = a.Value
		case "currency":
			currency = a.Value
		case "rate":
			rate = a.Value
		}
	}
	switch {
	case day != "":
		d, err := community.ParseDate(day[:min(len(day), len("2006-01-02")+1)])
		if err != nil || d > p.last {
			return fmt.Errorf("%w: a day that is none or has not come yet", errAnswer)
		}
		p.day, p.dated = d, true
	case currency != "" || rate != "":
		return p.rate(currency, rate)
	}
	return nil
}

func (p *parser) rate(currency, text string) error {
	e, err := community.ParseRate(currency, p.day, text)
	if err != nil || !p.dated || currency == community.Euro {
		return fmt.Errorf("%w: a rate on %s", errAnswer, p.day)
	}
	if p.seen++; p.seen > maxRates {
		return fmt.Errorf("%w: more than %d rates", errAnswer, maxRates)
	}
	if p.day > p.after {
		p.list = append(p.list, e)
	}
	return nil
}
