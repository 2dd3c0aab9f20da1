package discord

// What Discord sends, as far as Foyer reads it. Every field may be missing, and
// one of another type than expected is left out (see decode).

type wireUser struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name"`
	Bot        bool   `json:"bot"`
}

type wireMember struct {
	User     *wireUser `json:"user"`
	Nick     string    `json:"nick"`
	Roles    []string  `json:"roles"` // ids
	JoinedAt string    `json:"joined_at"`
}

// wireMention is somebody mentioned; the gateway adds the membership.
type wireMention struct {
	wireUser
	Member *wireMember `json:"member"`
}

type wireMessage struct {
	ID          string         `json:"id"`
	ChannelID   string         `json:"channel_id"`
	ChannelType int            `json:"channel_type"`
	GuildID     string         `json:"guild_id"`
	Type        int            `json:"type"`
	Author      wireUser       `json:"author"`
	Member      *wireMember    `json:"member"`
	Content     string         `json:"content"`
	Timestamp   string         `json:"timestamp"`
	Edited      string         `json:"edited_timestamp"`
	WebhookID   string         `json:"webhook_id"`
	Flags       int64          `json:"flags"`
	Mentions    []wireMention  `json:"mentions"`
	Reactions   []wireReaction `json:"reactions"`
	Reference   struct {
		Type      int    `json:"type"`
		MessageID string `json:"message_id"`
	} `json:"message_reference"`
}

// ephemeral marks a message that only one person sees.
const ephemeral = 1 << 6

type wireReaction struct {
	Count int   `json:"count"`
	Emoji emoji `json:"emoji"`
}

type wireChannel struct {
	ID          string      `json:"id"`
	GuildID     string      `json:"guild_id"`
	Type        int         `json:"type"`
	Name        string      `json:"name"`
	ParentID    string      `json:"parent_id"`
	LastMessage string      `json:"last_message_id"`
	Overwrites  []overwrite `json:"permission_overwrites"`
	Thread      struct {
		Archived   bool   `json:"archived"`
		ArchivedAt string `json:"archive_timestamp"`
	} `json:"thread_metadata"`
}

// overwrite changes the permissions in a channel of a role (type 0) or of a member (1).
type overwrite struct {
	ID    string      `json:"id"`
	Type  int         `json:"type"`
	Allow permissions `json:"allow"`
	Deny  permissions `json:"deny"`
}

type wireRole struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Permissions permissions `json:"permissions"`
}

type wireGuild struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	OwnerID     string        `json:"owner_id"`
	Roles       []wireRole    `json:"roles"`
	Unavailable bool          `json:"unavailable"`
	Channels    []wireChannel `json:"channels"`
	Threads     []wireChannel `json:"threads"`
	Voice       []wireVoice   `json:"voice_states"`
	Members     []wireMember  `json:"members"` // the bot and few others
	Features    []string      `json:"features"`
}

// wireInvite is an invitation with how often it was used.
type wireInvite struct {
	Code    string    `json:"code"`
	Uses    *int      `json:"uses"` // nil without the right to know
	Inviter *wireUser `json:"inviter"`
}

type wireVoice struct {
	GuildID   string      `json:"guild_id"`
	ChannelID string      `json:"channel_id"` // empty: not in any
	UserID    string      `json:"user_id"`
	SessionID string      `json:"session_id"`
	Member    *wireMember `json:"member"`
}
