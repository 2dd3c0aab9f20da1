package discord

// intent is a kind of event that the gateway is asked for.
type intent struct {
	name string
	bit  int
}

// The intents that the platform grants per application. They can be withdrawn.
var (
	intentMembers = intent{"GUILD_MEMBERS", 1 << 1}
	intentContent = intent{"MESSAGE_CONTENT", 1 << 15}
)

// open are the intents that everybody may ask for: servers, moderation (how
// somebody left), voice, messages, reactions, scheduled events.
const openIntents = 1<<0 | 1<<2 | 1<<7 | 1<<9 | 1<<10 | 1<<16

// fallbacks are what to go without, in turn, when the gateway says that an
// intent is not allowed: it does not say which.
var fallbacks = [][]intent{nil, {intentContent}, {intentMembers}, {intentContent, intentMembers}}

// intentsWithout is the number that IDENTIFY sends.
func intentsWithout(step int) int {
	all := openIntents | intentMembers.bit | intentContent.bit
	for _, i := range fallbacks[step] {
		all &^= i.bit
	}
	return all
}
