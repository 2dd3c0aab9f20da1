package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Icon is the name of a line drawing of 20 by 20 units. An unknown name draws nothing.
type Icon string

// The icons.
const (
	IconHome        Icon = "home"
	IconImpact      Icon = "impact"
	IconTalk        Icon = "talk"
	IconMembers     Icon = "members"
	IconReport      Icon = "report"
	IconPlug        Icon = "plug"
	IconSettings    Icon = "settings"
	IconCalendar    Icon = "calendar"
	IconDown        Icon = "down"
	IconRight       Icon = "right"
	IconSwitch      Icon = "switch"
	IconRise        Icon = "rise"
	IconFall        Icon = "fall"
	IconLevel       Icon = "level"
	IconArrow       Icon = "arrow"
	IconCheck       Icon = "check"
	IconClock       Icon = "clock"
	IconInfo        Icon = "info"
	IconWarning     Icon = "warning"
	IconError       Icon = "error"
	IconSync        Icon = "sync"
	IconPlus        Icon = "plus"
	IconCross       Icon = "cross"
	IconMore        Icon = "more"
	IconSearch      Icon = "search"
	IconLock        Icon = "lock"
	IconDownload    Icon = "download"
	IconUpload      Icon = "upload"
	IconDiscord     Icon = "discord"
	IconSlack       Icon = "slack"
	IconWhatsApp    Icon = "whatsapp"
	IconCustomers   Icon = "customers"
	IconShop        Icon = "shop"
	IconPayments    Icon = "payments"
	IconTable       Icon = "table"
	IconCommunities Icon = "communities"
)

var icons = map[Icon]string{
	IconHome:        `<path d="M3 17.5V9a7 7 0 0 1 14 0v8.5"/><path d="M1.5 17.5h17"/><path class="fl" d="M10 16c-1.9 0-3.13-1.28-3.13-2.96 0-1.34.73-2.12 1.4-3.07.56-.78.89-1.51.84-2.57 1.34.73 2.01 1.9 2.01 3.02.34-.28.5-.73.5-1.23.95.95 1.51 2.35 1.51 3.85 0 1.73-1.23 2.96-3.13 2.96z"/>`,
	IconImpact:      `<path d="M3 16.5h14"/><path d="M5 13v-2.5M10 13V7.5M15 13V4"/>`,
	IconTalk:        `<path d="M3 4.5h9v6.5H7l-2.5 2.3V11H3z"/><path d="M14.5 8H17v6h-1.5v2l-2.3-2H9.5"/>`,
	IconMembers:     `<circle cx="7" cy="7" r="2.7"/><path d="M2.3 16c.4-2.8 2.2-4.3 4.7-4.3s4.3 1.5 4.7 4.3"/><path d="M12.5 4.6a2.7 2.7 0 0 1 0 4.9M14.2 12c1.9.6 3.1 2 3.5 4"/>`,
	IconReport:      `<path d="M5 2.5h7l3.5 3.5v11.5H5z"/><path d="M12 2.5V6h3.5M7.5 10h5.5M7.5 13h5.5"/>`,
	IconPlug:        `<path d="M7 2.5V6M13 2.5V6M5 6h10v3.5a5 5 0 0 1-10 0zM10 14.5v3"/>`,
	IconSettings:    `<path d="M3 6h8M15 6h2M3 14h2M9 14h8"/><circle cx="13" cy="6" r="2"/><circle cx="7" cy="14" r="2"/>`,
	IconCalendar:    `<path d="M3.5 5h13v12h-13zM3.5 8.5h13M7 3v3.5M13 3v3.5"/>`,
	IconDown:        `<path d="m6 8 4 4 4-4"/>`,
	IconRight:       `<path d="m8 6 4 4-4 4"/>`,
	IconSwitch:      `<path d="m7 8 3-3.5L13 8M7 12l3 3.5L13 12"/>`,
	IconRise:        `<path d="M10 16V5M5.5 9.5 10 5l4.5 4.5"/>`,
	IconFall:        `<path d="M10 4v11M5.5 10.5 10 15l4.5-4.5"/>`,
	IconLevel:       `<path d="M4 10h12"/>`,
	IconArrow:       `<path d="M4 10h11M10.5 5.5 15 10l-4.5 4.5"/>`,
	IconCheck:       `<path d="m4.5 10.5 3.7 3.7 7.3-8"/>`,
	IconClock:       `<circle cx="10" cy="10" r="7"/><path d="M10 6v4.3l2.7 1.7"/>`,
	IconInfo:        `<circle cx="10" cy="10" r="7"/><path d="M10 9.3v4.2M10 6.5v.2"/>`,
	IconWarning:     `<path d="M10 3.5 17.5 16.5h-15z"/><path d="M10 8.5v3.7M10 14.3v.2"/>`,
	IconError:       `<circle cx="10" cy="10" r="7"/><path d="M10 6.3v4.5M10 13.5v.2"/>`,
	IconSync:        `<path d="M16 8a6.3 6.3 0 0 0-11.5-1.5M4 12a6.3 6.3 0 0 0 11.5 1.5"/><path d="M4.2 3v3.7h3.7M15.8 17v-3.7h-3.7"/>`,
	IconPlus:        `<path d="M10 4v12M4 10h12"/>`,
	IconCross:       `<path d="m5 5 10 10M15 5 5 15"/>`,
	IconMore:        `<path d="M4.5 10h.1M10 10h.1M15.5 10h.1"/>`,
	IconSearch:      `<circle cx="9" cy="9" r="5.3"/><path d="m13 13 4 4"/>`,
	IconLock:        `<path d="M4.5 9h11v8h-11zM7 9V6.5a3 3 0 0 1 6 0V9"/>`,
	IconDownload:    `<path d="M10 3.5v9M6 9l4 4 4-4M4 16.5h12"/>`,
	IconUpload:      `<path d="M10 13V3.5M6 7.5l4-4 4 4M4 16.5h12"/>`,
	IconDiscord:     `<path d="M3 5h10v7H8l-3 2.5V12H3z"/><path d="M6 8.5h.1M10 8.5h.1M15 8h2v6.5h-1.5V17L13 14.5h-3"/>`,
	IconSlack:       `<path d="M7.5 3 6 17M14 3l-1.5 14M3.5 7.5h13.5M3 12.5h13.5"/>`,
	IconWhatsApp:    `<path d="M10 3a7 7 0 0 1 0 14 7 7 0 0 1-3.3-.8L3 17l.9-3.5A7 7 0 0 1 10 3z"/><path d="M7.5 10h.1M10 10h.1M12.5 10h.1"/>`,
	IconCustomers:   `<path d="M3 4.5h14v11H3z"/><circle cx="7.3" cy="9" r="1.7"/><path d="M4.8 13.2c.3-1.3 1.2-2 2.5-2s2.2.7 2.5 2M12 8.5h3M12 11.5h3"/>`,
	IconShop:        `<path d="M4 7h12l-1 10H5zM7 7a3 3 0 0 1 6 0"/>`,
	IconPayments:    `<path d="M2.5 5h15v10h-15zM2.5 8.5h15M5 12h3"/>`,
	IconTable:       `<path d="M3 4h14v12H3zM3 8h14M3 12h14M8 4v12"/>`,
	IconCommunities: `<path d="M3 3.5h6v6H3zM11 3.5h6v6h-6zM3 11.5h6v5.5H3zM11 11.5h6v5.5h-6z"/>`,
}

// Render draws the icon; it is decoration, so words stand beside it.
func (i Icon) Render(_ context.Context, w io.Writer) error {
	shape, ok := icons[i]
	if !ok {
		return nil
	}
	_, err := io.WriteString(w, `<svg class="i" viewBox="0 0 20 20" aria-hidden="true" focusable="false">`+shape+`</svg>`)
	return err
}

// Mark is Foyer's own sign: the arch and the flame.
func Mark() templ.Component {
	return templ.Raw(`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path class="arch" d="M2 22V11.5a10 10 0 0 1 20 0V22h-3.6V11.5a6.4 6.4 0 0 0-12.8 0V22z"/><path class="flame" d="M12 22c-2.61 0-4.29-1.76-4.29-4.06 0-1.84 1-2.91 1.92-4.21.77-1.07 1.23-2.07 1.15-3.52 1.84 1 2.76 2.61 2.76 4.14.46-.38.69-1 .69-1.69 1.3 1.3 2.07 3.22 2.07 5.29 0 2.38-1.69 4.06-4.29 4.06z"/></svg>`)
}
