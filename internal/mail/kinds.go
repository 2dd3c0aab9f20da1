package mail

// Kind is what a message is about.
type Kind string
const Test Kind = "test"
