package community

// Payload is what arrived, raw.
type Payload struct {
	Key   string // drops a repeated delivery; empty for imported files
	Kind  string // the connector's own word for what Body is
	Scope string // what Body does not say itself, such as its channel; the connector's own form
	Body  []byte
}

// Refusal is a line or file that could not be read. Reason is a key of the
// catalogue ("refusal.<reason>"); it holds nothing of the content.
type Refusal struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"` // 1-based; 0 when the whole file is meant
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"` // such as the name of a field; never personal data
	// Lines are the refused lines of a table themselves: personal data, which the
	// store keeps sealed and for a while.
	Lines *Lines `json:"-" db:"-"`
}

// Lines are lines of a table as their file has them.
type Lines struct {
	Header []string   `json:"header"`
	Rows   [][]string `json:"rows"`
}
