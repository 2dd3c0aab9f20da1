package whatsapp

import (
	"slices"
	"strings"
	"testing"
)

func TestContent(t *testing.T) {
	tests := []struct{ text, want string }{
		{"hello", "hello"},
		{" \u200ehello\u202f", "hello"},
		{"This message was deleted", "deleted"},
		{"\u200eThis message was deleted.", "deleted"},
		{"This message was deleted by admin Ana.", "deleted"},
		{"You deleted this message", "deleted"},
		{"Ce message a été supprimé.", "deleted"},
		{"Vous avez supprimé ce message.", "deleted"},
		{"Se eliminó este mensaje.", "deleted"},
		{"Eliminaste este mensaje", "deleted"},
		{"Diese Nachricht wurde gelöscht.", "deleted"},
		{"Du hast diese Nachricht gelöscht.", "deleted"},
		{"Questo messaggio è stato eliminato", "deleted"},
		{"Hai eliminato questo messaggio", "deleted"},
		{"Essa mensagem foi apagada", "deleted"},
		{"Esta mensagem foi apagada", "deleted"},
		{"Dit bericht is verwijderd", "deleted"},
		{"Данное сообщение удалено", "deleted"},
		{"<Media omitted>", "media:"},
		{"<Médias omis>", "media:"},
		{"<Fichier omis>", "media:"},
		{"\u200eimage absente", "media:"},
		{"vidéo absente", "media:"},
		{"audio omis", "media:"},
		{"sticker omis", "media:"},
		{"GIF retiré", "media:"},
		{"document manquant", "media:"},
		{"Fiche contact manquante", "media:"},
		{"IMG-1.jpg (fichier joint)", "media:"},
		{"\u200eIMG-1.jpg (fichier joint)\nLa fête", "media:La fête"},
		{"\u200e<pièce jointe\u00a0: 1-PHOTO-2024.jpg>", "media:"},
		{"Le jardin \u200e<pièce jointe : 1-PHOTO-2024.jpg>", "Le jardin"},
		{"Le jardin \u200eimage absente", "Le jardin"},
		{"null", "media:"},
		{"À demain <Ce message a été modifié>", "À demain"},
		{"See you \u200e<This message was edited>", "See you"},
		{"a <b> c", "a <b> c"},
		{"is it (really)", "is it (really)"},
		{"This message was deleted, I think", "This message was deleted, I think"},
		{"Localisation: https://maps.google.com/?q=1,2", "Localisation: https://maps.google.com/?q=1,2"},
	}
	for _, test := range tests {
		c := readContent(test.text)
		got := c.text
		switch {
		case c.deleted:
			got = "deleted"
		case c.media:
			got = "media:" + got
		}
		if got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

func TestDivide(t *testing.T) {
	tests := []struct {
		rest, author string
		authored     bool
	}{
		{"Ana: hello", "Ana", true},
		{"Ana:", "Ana", true},
		{"Ana: ", "Ana", true},
		{"Ana:\nsecond line: too", "Ana", true},
		{"John Doe:.", "John Doe", true},
		{"John-John Doe: Lorem : ipsum", "John-John Doe", true},
		{"📓: Lorem", "📓", true},
		{"\u202a+33\u00a06\u00a012\u202c: salut", "+33 6 12", true},
		{"~\u202fZoé: salut", "~ Zoé", true},
		{"You were added", "", false},
		{`Anna changed the subject from "a: b" to "c"`, "", false},
		{`Anna created group "Trip: Sunday"`, "", false},
		{`Léa a modifié le nom du groupe "Voisins" en "Voisins : fête"`, "", false},
		{"Ben: Anna created group \"Trip: Sunday\"", "Ben", true},
		{"See https://example.org now", "", false},
		{"Missed voice call at 10:30", "", false},
		{strings.Repeat("x", 90) + ": y", "", false},
		{"", "", false},
	}
	for _, test := range tests {
		author, _, ok := divide(test.rest)
		if author = clean(author); !ok {
			author = ""
		}
		if author != test.author || ok != test.authored {
			t.Errorf("%q: author %q, %v; want %q, %v", test.rest, author, ok, test.author, test.authored)
		}
	}
}

func TestIdentify(t *testing.T) {
	tests := map[string]string{
		"Ana":          "name:Ana",
		" Ana  Maria ": "name:Ana Maria",
		"~\u202fZoé":   "name:Zoé",
		"Zoe\u0301":    "name:Zoé",
		"\u202a+33\u00a06\u00a012\u00a034\u00a056\u00a078\u202c": "tel:+33612345678",
		"+1 (555) 010-9999":      "tel:+15550109999",
		"\u2068D’Artagnan\u2069": "name:D'Artagnan",
		"+plus":                  "name:+plus",
		"\u200e":                 "name:",
	}
	for name, want := range tests {
		if got := identify(name).ExternalID; got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestTitleOf(t *testing.T) {
	tests := map[string]string{
		"WhatsApp Chat with Team.txt":              "Team",
		"a/WhatsApp Chat with Team (1).txt":        "Team",
		"Discussion WhatsApp avec Les voisins.txt": "Les voisins",
		"Chat de WhatsApp con Uno.txt":             "Uno",
		"WhatsApp-Chat mit Zwei.txt":               "Zwei",
		"Chat WhatsApp con Tre.txt":                "Tre",
		"Conversa do WhatsApp com Quatro.txt":      "Quatro",
		"WhatsApp Chat - Team/_chat.txt":           "Team",
		"WhatsApp Chat - Team.zip/_chat.txt":       "Team",
		"_chat.txt":                                "",
		"notes.txt":                                "",
	}
	for file, want := range tests {
		if got := titleOf(file); got != want {
			t.Errorf("%q: %q, want %q", file, got, want)
		}
	}
}

func TestMentions(t *testing.T) {
	tests := map[string][]string{
		"@\u2068Zoé\u2069 tu viens ?":               {"name:Zoé"},
		"(@33612345678) et @\u2068~\u202fAli\u2069": {"tel:+33612345678", "name:Ali"},
		"ecris@33612345678 ou a@b.org":              nil,
		"@12 @\u2068open":                           nil,
	}
	for text, want := range tests {
		var got []string
		for _, person := range mentions(text) {
			got = append(got, person.ExternalID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if n := len(mentions(strings.Repeat("@33612345678 ", 10*mostMentions))); n != mostMentions {
		t.Errorf("%d mentions of one message, want %d at most", n, mostMentions)
	}
}
