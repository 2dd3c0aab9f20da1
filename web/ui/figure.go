package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Figure is a printed value in its parts, so that the symbol can be smaller than the digits.
type Figure struct{ Before, Digits, After string }

// SplitFigure parts "18,4 %" into digits and symbol; a value with other words stays whole.
func SplitFigure(value string) Figure {
	f := Figure{Digits: value}
	for _, symbol := range []string{"€", "$", "£"} {
		sign, rest, found := strings.Cut(f.Digits, symbol)
		if found && (sign == "" || sign == "−" || sign == "+") && rest != "" {
			return Figure{Before: sign + symbol, Digits: rest}
		}
	}
	for _, symbol := range []string{"%", "€", "$US", "£"} {
		if digits, found := strings.CutSuffix(f.Digits, symbol); found && digits != "" {
			trimmed := strings.TrimRight(digits, "\u00a0\u202f ")
			return Figure{Digits: trimmed, After: digits[len(trimmed):] + symbol}
		}
	}
	return f
}

// parts writes the figure without a space between digits and symbol, which a template would leave.
func (f Figure) parts(unit string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		text := span("sym", f.Before) + templ.EscapeString(f.Digits) + span("sym", f.After)
		if unit != "" {
			text += span("u", " "+unit) // the space at the size of the unit
		}
		_, err := io.WriteString(w, text)
		return err
	})
}

func span(class, words string) string {
	if words == "" {
		return ""
	}
	return `<span class="` + class + `">` + templ.EscapeString(words) + `</span>`
}
