package mail

import (
	"math"
	"strconv"
)

// palette is the colours of a message on light or on dark ground; the design's tokens.
type palette struct{ Page, Surface, Line, Ink, Ink2, Ink3, Link, Button, ButtonInk, Mark string }

var (
	light = palette{
		Page: "#f3f3ef", Surface: "#ffffff", Line: "#dfddd6", Ink: "#1d2830", Ink2: "#47545e", Ink3: "#5d6870", Link: "#1d5480",
		Button: "#1d2830", ButtonInk: "#ffffff", Mark: "#c24e17",
	}
	dark = palette{
		Page: "#161413", Surface: "#1f1c1a", Line: "#37322e", Ink: "#f2ede7", Ink2: "#c3bbb2", Ink3: "#a69e95", Link: "#9ac6ea",
		Button: "#f2ede7", ButtonInk: "#1f1c1a", Mark: "#f08a4b",
	}
)

// dress is a brand as the layout wants it.
type dress struct {
	Name, LogoURL, Footer string
	Colour, Ink           string // both empty: the palette's own
}

// dress drops what would not show: a logo from elsewhere than https, colours that cannot be read.
func (b Brand) dress() dress {
	d := dress{Name: b.Name, Footer: b.Footer}
	if isWeb(b.LogoURL, "https") {
		d.LogoURL = b.LogoURL
	}
	inks := []string{b.Ink}
	if b.Ink == "" {
		inks = []string{light.ButtonInk, light.Ink}
	}
	for _, ink := range inks {
		if contrast(b.Colour, ink) >= 4.5 {
			d.Colour, d.Ink = b.Colour, ink
			break
		}
	}
	return d
}

// contrast is the ratio of WCAG between two colours "#rrggbb", from 1 to 21; 0 when one is no colour.
func contrast(a, b string) float64 {
	x, okA := luminance(a)
	y, okB := luminance(b)
	if !okA || !okB {
		return 0
	}
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) (float64, bool) {
	if len(colour) != 7 || colour[0] != '#' {
		return 0, false
	}
	n, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil {
		return 0, false
	}
	channel := func(v uint64) float64 {
		c := float64(v&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(n>>16) + 0.7152*channel(n>>8) + 0.0722*channel(n), true
}
