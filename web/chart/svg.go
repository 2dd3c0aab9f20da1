package chart

import (
	"context"
	"fmt"
	"html"
	"io"
	"math"
	"strconv"
	"strings"
)

// stretch is the width of the coordinates inside the nested drawing that is stretched to the full width.
const stretch = 1000

// Render writes the scene as SVG, which makes it a part of a page.
func (s Scene) Render(_ context.Context, w io.Writer) error {
	if _, err := io.WriteString(w, s.SVG()); err != nil {
		return fmt.Errorf("chart: render: %w", err)
	}
	return nil
}

// SVG writes the scene: classes only, no style attribute, no number that is not finite.
func (s Scene) SVG() string {
	p := &printer{boxed: s.Box.Width > 0}
	p.open(s)
	for _, op := range s.Ops {
		p.draw(op, s.Height)
	}
	p.unstretch()
	p.b.WriteString("</svg>")
	return p.b.String()
}

// printer keeps the text and whether the nested stretched drawing is open: consecutive lines share one.
type printer struct {
	b         strings.Builder
	boxed     bool
	stretched bool
}

func (p *printer) open(s Scene) {
	p.b.WriteString("<svg")
	p.attr("class", s.Kind)
	if p.boxed {
		p.attr("viewBox", join(s.Box.X, s.Box.Y, s.Box.Width, s.Box.Height))
	} else {
		p.number("height", s.Height)
	}
	switch {
	case s.Title == "":
		p.b.WriteString(` aria-hidden="true" focusable="false">`)
	case s.Desc == "" || s.ID == "":
		p.attr("role", "img")
		p.attr("aria-label", strings.TrimSpace(s.Title+" "+s.Desc))
		p.b.WriteByte('>')
	default:
		p.attr("role", "img")
		p.attr("aria-labelledby", s.ID+"-t")
		p.attr("aria-describedby", s.ID+"-d")
		p.b.WriteByte('>')
		fmt.Fprintf(&p.b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
			html.EscapeString(s.ID), html.EscapeString(s.Title), html.EscapeString(s.ID), html.EscapeString(s.Desc))
	}
}

func (p *printer) draw(op Op, height float64) {
	switch op := op.(type) {
	case Polyline:
		p.stretch(height)
		p.shape("ln "+op.Role, "M"+p.points(op.Points))
		return
	case Area:
		p.stretch(height)
		p.shape("band "+op.Role, "M"+p.points(op.Upper)+"L"+p.points(backwards(op.Lower))+"Z")
		return
	}
	p.unstretch()
	switch op := op.(type) {
	case Line:
		p.line(op)
	case Rect:
		p.rect(op)
	case Circle:
		p.circle(op)
	case Text:
		p.text(op)
	case Path:
		p.shape(op.Role, outline(op.Steps))
	}
}

// stretch opens the nested drawing whose width is stretched while its strokes are not.
func (p *printer) stretch(height float64) {
	if p.stretched {
		return
	}
	p.stretched = true
	h := num(height)
	fmt.Fprintf(&p.b, `<svg class="st" x="0" y="0" width="100%%" height="%s" viewBox="0 0 %d %s" preserveAspectRatio="none">`, h, stretch, h)
}

func (p *printer) unstretch() {
	if p.stretched {
		p.b.WriteString("</svg>")
		p.stretched = false
	}
}

func (p *printer) shape(role Role, path string) {
	p.b.WriteString("<path")
	p.attr("class", string(role))
	p.attr("d", path)
	p.b.WriteString("/>")
}

func (p *printer) line(op Line) {
	p.b.WriteString("<line")
	p.attr("class", string(op.Role))
	p.across("x1", op.From.X)
	p.across("x2", op.To.X)
	p.number("y1", op.From.Y)
	p.number("y2", op.To.Y)
	p.b.WriteString("/>")
}

func (p *printer) rect(op Rect) {
	p.b.WriteString("<rect")
	p.attr("class", string(op.Role))
	p.across("x", op.At.X)
	p.across("width", math.Max(0, finite(op.Width)))
	p.number("y", op.At.Y)
	p.number("height", math.Max(0, finite(op.Height)))
	if op.Radius > 0 {
		p.number("rx", op.Radius)
	}
	p.b.WriteString("/>")
}

// circle shifts by a nested drawing, because a circle has no dx.
func (p *printer) circle(op Circle) {
	p.b.WriteString("<circle")
	p.attr("class", string(op.Role))
	p.across("cx", op.At.X)
	p.number("cy", op.At.Y)
	p.number("r", math.Max(0, finite(op.Radius)))
	if op.Shift != 0 {
		p.attr("transform", "translate("+num(op.Shift)+" 0)")
	}
	p.b.WriteString("/>")
}

func (p *printer) text(op Text) {
	p.b.WriteString("<text")
	p.attr("class", strings.TrimSpace(string(op.Role)+anchors[op.Anchor%3]))
	p.across("x", op.At.X)
	p.number("y", op.At.Y)
	if op.Shift != 0 {
		p.number("dx", op.Shift)
	}
	p.b.WriteByte('>')
	p.b.WriteString(html.EscapeString(op.Words))
	p.b.WriteString("</text>")
}

var anchors = [...]string{Start: "", Middle: " xx", End: " yx"}

// across writes a position of the width: percent, or units of the box.
func (p *printer) across(name string, v float64) {
	if p.boxed {
		p.number(name, v)
		return
	}
	p.attr(name, num(v)+"%")
}

func (p *printer) number(name string, v float64) { p.attr(name, num(v)) }

func (p *printer) attr(name, value string) {
	fmt.Fprintf(&p.b, ` %s="%s"`, name, html.EscapeString(value))
}

func (p *printer) points(points []Point) string {
	parts := make([]string, len(points))
	for i, at := range points {
		parts[i] = join(finite(at.X)*stretch/100, at.Y)
	}
	return strings.Join(parts, "L")
}

func outline(steps []Step) string {
	var b strings.Builder
	for i, s := range steps {
		switch {
		case i == 0:
			b.WriteString("M" + join(s.To.X, s.To.Y))
		case len(s.Controls) == 2:
			b.WriteString("C" + join(s.Controls[0].X, s.Controls[0].Y, s.Controls[1].X, s.Controls[1].Y, s.To.X, s.To.Y))
		case s.Radius > 0:
			sweep := 1.0
			if s.Backwards {
				sweep = 0
			}
			b.WriteString("A" + join(s.Radius, s.Radius, 0, 0, sweep, s.To.X, s.To.Y))
		default:
			b.WriteString("L" + join(s.To.X, s.To.Y))
		}
	}
	return b.String() + "Z"
}

func backwards(points []Point) []Point {
	out := make([]Point, len(points))
	for i, at := range points {
		out[len(points)-1-i] = at
	}
	return out
}

func join(numbers ...float64) string {
	parts := make([]string, len(numbers))
	for i, n := range numbers {
		parts[i] = num(n)
	}
	return strings.Join(parts, " ")
}

// num prints with two decimals at most.
func num(v float64) string {
	v = math.Round(finite(v)*100) / 100
	if v == 0 {
		return "0"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// limit is the largest size a drawing calculates with.
const limit = 1e15

// finite brings a number into the range a drawing can hold; not a number becomes 0.
func finite(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return math.Max(-limit, math.Min(limit, v))
}
