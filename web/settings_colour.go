package web

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// enoughContrast is what text needs against its ground (WCAG 2.2, AA).
const enoughContrast = 4.5

// The inks offered with a colour when the visitor names none.
const (
	whiteInk = "#ffffff"
	darkInk  = "#1d2830"
)

var colourForm = regexp.MustCompile(`^#?([0-9a-f]{6}|[0-9a-f]{3})$`)

// parseColour returns "#rrggbb" in small letters for "#RRGGBB", "rrggbb" or "#rgb",
// and "" for anything else.
func parseColour(text string) string {
	m := colourForm.FindStringSubmatch(strings.ToLower(strings.TrimSpace(text)))
	switch {
	case m == nil:
		return ""
	case len(m[1]) == 3:
		return "#" + string([]byte{m[1][0], m[1][0], m[1][1], m[1][1], m[1][2], m[1][2]})
	}
	return "#" + m[1]
}

// rgb is the channels of a colour that parseColour made.
func rgb(colour string) [3]float64 {
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		return [3]float64{}
	}
	return [3]float64{float64(n >> 16 & 0xff), float64(n >> 8 & 0xff), float64(n & 0xff)}
}

func luminance(colour string) float64 {
	var parts [3]float64
	for i, v := range rgb(colour) {
		if c := v / 255; c <= 0.04045 {
			parts[i] = c / 12.92
		} else {
			parts[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*parts[0] + 0.7152*parts[1] + 0.0722*parts[2]
}

// contrast is the ratio of two colours that parseColour made, from 1 to 21.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// bestInk is the ink that reads best on a colour.
func bestInk(colour string) string {
	if contrast(colour, whiteInk) >= contrast(colour, darkInk) {
		return whiteInk
	}
	return darkInk
}

// nearestColour is the colour nearest to one that reads well with an ink: the same
// hue, darker or lighter by as little as it takes.
func nearestColour(colour, ink string) string {
	best, least := "", math.Inf(1)
	for _, to := range []string{"#000000", "#ffffff"} {
		for step := range 256 {
			mixed := mix(colour, to, float64(step)/255)
			if contrast(mixed, ink) < enoughContrast {
				continue
			}
			if d := distance(mixed, colour); d < least {
				best, least = mixed, d
			}
			break
		}
	}
	return best
}

func mix(a, b string, share float64) string {
	x, y := rgb(a), rgb(b)
	var out [3]int
	for i := range out {
		out[i] = int(math.Round(x[i] + (y[i]-x[i])*share))
	}
	return fmt.Sprintf("#%02x%02x%02x", out[0], out[1], out[2])
}

func distance(a, b string) float64 {
	x, y := rgb(a), rgb(b)
	return math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2])
}
