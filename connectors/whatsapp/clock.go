package whatsapp

import "time"

// clock turns the local times of one file into moments, line by line.
//
// A time that does not exist because clocks were set forward is moved forward by
// as much. One that exists twice is the first, unless the lines before show that
// clocks were set back already: a step back of ten minutes or more within the
// doubled hour, or a line from the hour after it. An export that begins in such
// an hour cannot show it.
type clock struct {
	location *time.Location
	prev     int64 // the wall clock of the line before, as if it were UTC
	second   bool  // clocks were set back
}

// stepBack is what tells clocks set back from lines out of order, which
// Android's system lines are by a minute or two.
const stepBack = 10 * 60

// moment is the time of the header, and whether such a day exists.
func (c *clock) moment(h *header, o order) (time.Time, bool) {
	year, month, day := h.date(o)
	at := time.Date(year, time.Month(month), day, h.hour, h.minute, h.second, 0, time.UTC)
	if month < 1 || month > 12 || at.Day() != day || day == 0 {
		return time.Time{}, false
	}
	return time.Unix(c.resolve(at.Unix()), 0).UTC(), true
}

// resolve returns the Unix time of a wall clock.
func (c *clock) resolve(wall int64) int64 {
	prev := c.prev
	c.prev = wall
	before, after := c.offset(wall-86400), c.offset(wall+86400)
	if before == after {
		c.second = false
		return wall - before
	}
	early, late := wall-before, wall-after
	switch inEarly, inLate := c.offset(early) == before, c.offset(late) == after; {
	case inEarly && inLate: // twice; the early one has the larger offset
		span := before - after
		switch {
		case prev < wall-span-3600 || prev > wall+span+3600:
			c.second = false
		case prev >= wall+stepBack:
			c.second = true
		}
		if c.second {
			return late
		}
		return early
	case inLate:
		c.second = before > after // a line that follows out of order is of the second hour too
		return late
	default: // the early one, or none: then it is moved forward by the gap
		c.second = false
		return early
	}
}

// offset is that of the zone at a Unix time, in seconds.
func (c *clock) offset(unix int64) int64 {
	_, offset := time.Unix(unix, 0).In(c.location).Zone()
	return int64(offset)
}

// doubled says whether clocks are set back about the moment: what comes next
// may depend on lines before.
func (c *clock) doubled(at time.Time) bool {
	unix := at.Unix()
	return c.offset(unix-4*3600) > c.offset(unix) || c.offset(unix+4*3600) < c.offset(unix)
}
