package discord

import (
	"encoding/json"
	"strconv"
	"strings"
)

// permissions is a set of rights. Discord writes it as a decimal string, in
// some answers as a number.
type permissions uint64

// The rights that reading needs.
const (
	administrator permissions = 1 << 3
	manageGuild   permissions = 1 << 5
	viewAuditLog  permissions = 1 << 7
	viewChannel   permissions = 1 << 10
	readHistory   permissions = 1 << 16
	connectVoice  permissions = 1 << 20
	manageThreads permissions = 1 << 34
)

// named are the rights that an installation asks for, in the platform's spelling.
var named = []struct {
	name     string
	bit      permissions
	required bool
}{
	{"VIEW_CHANNEL", viewChannel, true},
	{"READ_MESSAGE_HISTORY", readHistory, true},
	{"VIEW_AUDIT_LOG", viewAuditLog, false},
	{"CONNECT", connectVoice, false},
	{rightInvitations, manageGuild, false},
}

// rightInvitations is the right without which nobody is told how often an
// invitation was used.
const rightInvitations = "MANAGE_GUILD"

// requested is what an installation asks for: CONNECT because the text of a
// voice channel can be read with it only, MANAGE_GUILD for the uses of invitations.
const requested = viewChannel | readHistory | viewAuditLog | connectVoice | manageGuild

func (p permissions) has(want permissions) bool {
	return p&administrator != 0 || p&want == want
}

// UnmarshalJSON reads both spellings. What is neither is no right at all.
func (p *permissions) UnmarshalJSON(raw []byte) error {
	n, err := strconv.ParseUint(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil {
		n = 0
	}
	*p = permissions(n)
	return nil
}

// MarshalJSON writes the string.
func (p permissions) MarshalJSON() ([]byte, error) {
	return json.Marshal(strconv.FormatUint(uint64(p), 10))
}

// holder is somebody whose rights are computed: in practice the bot.
type holder struct {
	guild wireGuild
	id    string
	roles map[string]bool
}

func newHolder(guild wireGuild, member wireMember, id string) holder {
	h := holder{guild: guild, id: id, roles: map[string]bool{}}
	for _, r := range member.Roles {
		h.roles[r] = true
	}
	return h
}

// base returns the rights in the whole server.
func (h holder) base() permissions {
	if h.guild.OwnerID == h.id {
		return ^permissions(0)
	}
	var p permissions
	for _, r := range h.guild.Roles {
		if r.ID == h.guild.ID || h.roles[r.ID] {
			p |= r.Permissions
		}
	}
	if p&administrator != 0 {
		return ^permissions(0)
	}
	return p
}

// in returns the rights in a channel: everybody's overwrite first, then those of
// the roles together, then the member's own.
func (h holder) in(c wireChannel) permissions {
	p := h.base()
	if p&administrator != 0 {
		return p
	}
	var roles, own overwrite
	for _, o := range c.Overwrites {
		switch {
		case o.ID == h.guild.ID:
			p = p&^o.Deny | o.Allow
		case o.Type == 0 && h.roles[o.ID]:
			roles.Allow |= o.Allow
			roles.Deny |= o.Deny
		case o.Type == 1 && o.ID == h.id:
			own = o
		}
	}
	p = p&^roles.Deny | roles.Allow
	p = p&^own.Deny | own.Allow
	if p&viewChannel == 0 {
		return 0
	}
	return p
}

// readable says whether the channel's messages can be fetched. Without the right
// to read history Discord answers an empty list, which looks like silence.
func (h holder) readable(c wireChannel) bool {
	need := viewChannel | readHistory
	if c.voice() {
		need |= connectVoice
	}
	return h.in(c).has(need)
}

// hidden says whether newcomers without a role cannot see the channel.
func hidden(guild string, c wireChannel) bool {
	for _, o := range c.Overwrites {
		if o.ID == guild {
			return o.Deny&viewChannel != 0
		}
	}
	return false
}

func (c wireChannel) voice() bool  { return c.Type == 2 || c.Type == 13 }
func (c wireChannel) forum() bool  { return c.Type == 15 || c.Type == 16 }
func (c wireChannel) thread() bool { return isThread(c.Type) }

// text says whether messages lie directly in the channel; forums hold threads only.
func (c wireChannel) text() bool { return c.Type == 0 || c.Type == 5 || c.voice() || c.thread() }

func isThread(kind int) bool { return kind >= 10 && kind <= 12 }
