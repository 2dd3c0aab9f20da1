package whatsapp

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
)

// What is read of a delivery. Everything else, above all what is attached,
// shared or ordered, is not even decoded.
type envelope struct {
	Object string  `json:"object"`
	Entry  []entry `json:"entry"`
}

type entry struct {
	ID      loose    `json:"id"` // of the business account, or of the partner's business
	Time    loose    `json:"time"`
	Changes []change `json:"changes"`
}

type change struct {
	Field string `json:"field"`
	Value value  `json:"value"`
}

// value is of all fields; each uses a part.
type value struct {
	Metadata struct {
		Shown  loose `json:"display_phone_number"`
		Number loose `json:"phone_number_id"`
	} `json:"metadata"`
	Contacts []contact `json:"contacts"`
	Messages []message `json:"messages"`
	Echoes   []message `json:"message_echoes"`
	Statuses []status  `json:"statuses"`
	Groups   []group   `json:"groups"`
	History  []history `json:"history"`
	Errors   []fault   `json:"errors"`

	Initiated string `json:"initiated_by"` // beside the group in some deliveries, inside in others

	Event string `json:"event"`
	WABA  struct {
		ID loose `json:"waba_id"`
	} `json:"waba_info"`
	Ban struct {
		State string `json:"waba_ban_state"`
	} `json:"ban_info"`
	Disconnection struct {
		Reason string `json:"reason"`
	} `json:"disconnection_info"`
}

type contact struct {
	Profile struct {
		Name     string `json:"name"`
		Username string `json:"username"`
	} `json:"profile"`
	Phone loose  `json:"wa_id"`
	User  string `json:"user_id"`
}

// message keeps apart what most messages do not have: a chunk of history holds
// thousands, and each empty one takes the room of all fields.
type message struct {
	From    loose  `json:"from"`
	User    string `json:"from_user_id"`
	To      loose  `json:"to"`
	ToUser  string `json:"to_user_id"`
	ID      string `json:"id"`
	Time    loose  `json:"timestamp"`
	Type    string `json:"type"`
	Group   string `json:"group_id"`
	Context struct {
		ID string `json:"id"`
	} `json:"context"`
	said
	Reaction *struct {
		About string `json:"message_id"`
		Emoji string `json:"emoji"`
	} `json:"reaction"`
	Edit *struct {
		About   string `json:"original_message_id"`
		Message said   `json:"message"`
	} `json:"edit"`
	Revoke *struct {
		About string `json:"original_message_id"`
	} `json:"revoke"`
	System *struct {
		Type    string `json:"type"`
		Phone   loose  `json:"wa_id"`
		NewWaID loose  `json:"new_wa_id"`
		User    string `json:"user_id"`
	} `json:"system"`
}

// said is where the words of a message can stand.
type said struct {
	Text        *wording `json:"text"`
	Image       *wording `json:"image"`
	Video       *wording `json:"video"`
	Document    *wording `json:"document"`
	Button      *wording `json:"button"`
	Interactive *struct {
		Button wording `json:"button_reply"`
		List   wording `json:"list_reply"`
	} `json:"interactive"`
}

// wording is what is written in one of those places, under the name it has there.
type wording struct {
	Body    string `json:"body"`
	Caption string `json:"caption"`
	Text    string `json:"text"`
	Title   string `json:"title"`
}

func (w *wording) words() string {
	if w == nil {
		return ""
	}
	return cmp.Or(w.Body, w.Caption, w.Text, w.Title)
}

// words returns what somebody wrote or chose; empty when there is nothing to read.
func (s *said) words() string {
	text := cmp.Or(s.Text.words(), s.Image.words(), s.Video.words(), s.Document.words(), s.Button.words())
	if text == "" && s.Interactive != nil {
		text = cmp.Or(s.Interactive.Button.words(), s.Interactive.List.words())
	}
	return text
}

type status struct {
	ID     string `json:"id"`
	State  string `json:"status"`
	Time   loose  `json:"timestamp"`
	Member loose  `json:"recipient_participant_id"` // of a group
	// Both spellings are documented.
	Member2 loose  `json:"participant_recipient_id"`
	User    string `json:"recipient_participant_user_id"`
}

type group struct {
	ID        string        `json:"group_id"`
	Time      loose         `json:"timestamp"`
	Type      string        `json:"type"`
	Request   string        `json:"request_id"`
	JoinAsk   string        `json:"join_request_id"`
	Reason    string        `json:"reason"`
	Initiated string        `json:"initiated_by"`
	Subject   string        `json:"subject"`
	Renamed   setting       `json:"group_subject"`
	Added     []participant `json:"added_participants"`
	Removed   []participant `json:"removed_participants"`
	participant
}

type setting struct {
	Text string `json:"text"`
	Done bool   `json:"update_successful"`
}

type participant struct {
	Phone    loose  `json:"wa_id"`
	User     string `json:"user_id"`
	Input    loose  `json:"input"` // what the business gave: a number or an id
	Username string `json:"username"`
}

type history struct {
	Threads []thread `json:"threads"`
	Errors  []fault  `json:"errors"`
}

type thread struct {
	ID      loose `json:"id"` // the other side's number
	Context struct {
		Phone    loose  `json:"wa_id"`
		User     string `json:"user_id"`
		Username string `json:"username"`
	} `json:"context"`
	Messages []message `json:"messages"`
}

type fault struct {
	Code int `json:"code"`
}

// loose is a text that comes as a number as well.
type loose string

// UnmarshalJSON takes a string or a number; anything else is empty.
func (l *loose) UnmarshalJSON(raw []byte) error {
	*l = ""
	switch {
	case len(raw) == 0:
	case raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*l = loose(s)
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		*l = loose(bytes.Clone(raw))
	}
	return nil
}

// seconds reads a time; 0 when it is none.
func (l loose) seconds() int64 {
	n, err := strconv.ParseInt(string(l), 10, 64)
	if err != nil || n < 0 || n > maxSeconds {
		return 0
	}
	return n
}

// digits is a telephone number without what stands between its digits; empty
// when it is none.
func (l loose) digits() string {
	plain := true
	for i := range len(l) {
		plain = plain && l[i] >= '0' && l[i] <= '9'
	}
	if plain {
		if len(l) > maxDigits {
			return ""
		}
		return string(l)
	}
	number, ok := telephone(plus(string(bytes.TrimLeft([]byte(l), "+ "))))
	if !ok {
		return ""
	}
	return number[1:]
}

// maxDigits bounds a telephone number.
const maxDigits = 20
