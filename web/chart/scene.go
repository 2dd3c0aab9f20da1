// Package chart draws the figures of Foyer as data: a Scene is a list of plain operations whose colours are roles. The
// same scene is written as SVG for the page, where CSS gives the roles their colours, and as PDF vectors by the report.
//
// Across, positions are percentages of the drawing's width, with a shift in pixels; down, they are pixels. So text and
// dots keep their size at every width, and one drawing serves the phone, the desktop and paper.
package chart

// Role says what a mark stands for; the renderer gives it its colour and weight. In SVG it is the element's class.
type Role string

// Roles that carry data.
const (
	Members    Role = "s-in"  // ember: members
	Comparable Role = "s-out" // slate: comparable customers, the team
)

// Anchor is the side of a text that its position names.
type Anchor uint8

// The anchors.
const (
	Start Anchor = iota
	Middle
	End
)

// Point is a position: X in percent of the width, Y in pixels from the top.
type Point struct{ X, Y float64 }

// Op is one mark of a scene: Line, Polyline, Area, Rect, Circle, Text or Path.
type Op interface{ op() }

// Line is a straight line.
type Line struct {
	From, To Point
	Role     Role
}

// Polyline joins points with straight lines of constant width.
type Polyline struct {
	Points []Point
	Role   Role
}

// Area is filled between an upper line and a lower line, both from left to right.
type Area struct {
	Upper, Lower []Point
	Role         Role
}

// Rect is a filled rectangle; Width in percent, Height and Radius in pixels.
type Rect struct {
	At     Point
	Width  float64
	Height float64
	Radius float64
	Role   Role
}

// Circle is a dot; its Radius and its Shift to the right are in pixels.
type Circle struct {
	At     Point
	Shift  float64
	Radius float64
	Role   Role
}

// Text is one line of words, its baseline at At.Y, shifted right by Shift pixels.
type Text struct {
	At     Point
	Shift  float64
	Anchor Anchor
	Role   Role
	Words  string
}

// Path is a closed figure of lines and arcs, in the units of the scene's Box.
type Path struct {
	Steps []Step
	Role  Role
}

// Step leads to To: by a line, or by a circular arc of the given radius, or by a cubic curve with two controls. The
// first step of a path is where it starts.
type Step struct {
	To        Point
	Radius    float64 // of an arc; 0 for a line
	Backwards bool    // the arc turns against the clock
	Controls  []Point // two for a curve
}

func (Line) op()     {}
func (Polyline) op() {}
func (Area) op()     {}
func (Rect) op()     {}
func (Circle) op()   {}
func (Text) op()     {}
func (Path) op()     {}

// Box is a fixed coordinate system that scales as a whole.
type Box struct{ X, Y, Width, Height float64 }

// Scene is a finished drawing.
type Scene struct {
	ID     string  // unique in the page; needed where Desc is set
	Kind   string  // "spark", "plot", "rail", "arch-m", "stk", "mbars": the class of the whole
	Height float64 // pixels; 0 when Box is set
	Box    Box     // zero for the usual percent-by-pixel coordinates
	Title  string  // what a reader hears first; a scene without a title is decoration and hidden from readers
	Desc   string  // what the drawing shows, in a sentence or two
	Ops    []Op
}
