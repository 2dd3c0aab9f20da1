package whatsapp

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
)

func TestPhrasesAreWellFormed(t *testing.T) {
	names, err := fs.Glob(phraseFiles, "phrases/*.txt")
	if err != nil || len(names) != 13 {
		t.Fatalf("%d languages: %v", len(names), err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(phraseFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for line := range strings.Lines(string(raw)) {
			n++
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			kind, text, ok := strings.Cut(line, ": ")
			if !ok || kind == "" || text == "" || strings.Count(text, "[") != strings.Count(text, "]") {
				t.Errorf("%s:%d: %q is no phrase", name, n, line)
			}
			for _, variant := range expand(text) {
				checkPhrase(t, name, n, parsePhrase(kind, clean(variant)))
			}
		}
	}
}

func checkPhrase(t *testing.T, name string, n int, p phrase) {
	t.Helper()
	for i, what := range p.captures {
		if !strings.ContainsRune("abx", rune(what)) {
			t.Errorf("%s:%d: {%c} is no capture", name, n, what)
		}
		if i > 0 && p.literals[i] == "" {
			t.Errorf("%s:%d: two captures with nothing between", name, n)
		}
	}
	if len(p.captures) == 1 && p.literals[0] == "" && p.literals[1] == "" {
		t.Errorf("%s:%d: fits everything", name, n)
	}
}

func TestSystemLines(t *testing.T) {
	tests := []struct {
		text   string
		kind   string
		actor  string
		people []string
	}{
		// English, by frequency in real exports
		{"Ben joined using this group's invite link", "invited", "", []string{"Ben"}},
		{"Ben joined using this group’s invite link", "invited", "", []string{"Ben"}},
		{"Ben joined using a group link.", "invited", "", []string{"Ben"}},
		{"Ben joined from the community", "joined", "", []string{"Ben"}},
		{"Ben left", "left", "", []string{"Ben"}},
		{"Ana added Ben", "added", "Ana", []string{"Ben"}},
		{"Ana added Ben, Carl and Dora", "added", "Ana", []string{"Ben", "Carl", "Dora"}},
		{"Ana added Ben, Carl, and Dora", "added", "Ana", []string{"Ben", "Carl", "Dora"}},
		{"Ana added Ben and 3 others", "added", "Ana", []string{"Ben"}},
		{"Ana added Jean D.", "added", "Ana", []string{"Jean D."}},
		{"Ben was added", "added", "", []string{"Ben"}},
		{"You were added", "added", "", []string{"You"}},
		{"Ana removed Ben", "removed", "Ana", []string{"Ben"}},
		{"Ben was removed", "removed", "", []string{"Ben"}},
		{"+44 7700 900123 changed to +44 7700 900456", "number_changed", "+44 7700 900123", nil},
		{"Ben changed their phone number to a new number. Tap to message or add the new number.", "number_changed", "Ben", nil},
		{"Ana changed this group's icon", "icon", "Ana", nil},
		{`Ana changed the subject from "a" to "b"`, "subject", "Ana", nil},
		{"Ana changed the group description", "description", "Ana", nil},
		{`Ana created group "x"`, "created", "Ana", nil},
		{"You're now an admin", "admin", "", nil},
		{"Ana changed this group's settings to allow only admins to edit this group's info", "settings", "Ana", nil},
		{"Ben requested to join", "requested", "Ben", nil},
		{"Ana added this group to the community \"Town\"", "community", "Ana", nil},
		{"Your security code with Ben changed. Tap to learn more.", "security_code", "", nil},
		{"Missed voice call", "call", "", nil},
		// French
		{"Les messages et les appels sont chiffrés de bout en bout. Aucun tiers, pas même WhatsApp, ne peut les lire ou les écouter.", "e2e", "", nil},
		{"Votre code de sécurité avec Léa a changé. Appuyez pour en savoir plus.", "security_code", "", nil},
		{"Léa a ajouté Zoé", "added", "Léa", []string{"Zoé"}},
		{"Léa a ajouté Zoé, Ali et +33 6 12 34 56 78", "added", "Léa", []string{"Zoé", "Ali", "+33 6 12 34 56 78"}},
		{"Léa a ajouté Zoé au groupe", "added", "Léa", []string{"Zoé"}},
		{"Zoé a été ajouté(e)", "added", "", []string{"Zoé"}},
		{"Vous avez été ajouté(e)", "added", "", nil},
		{"Vous avez ajouté Zoé", "added", "", []string{"Zoé"}},
		{"Léa vous a ajouté(e)", "added", "Léa", nil},
		{"Zoé a rejoint le groupe en utilisant le lien d’invitation de ce groupe", "invited", "", []string{"Zoé"}},
		{"Zoé a rejoint le groupe à l'aide de son lien d'invitation", "invited", "", []string{"Zoé"}},
		{"Zoé a rejoint le groupe via un lien d'invitation", "invited", "", []string{"Zoé"}},
		{"Zoé a rejoint en utilisant le lien d'invitation de ce groupe", "invited", "", []string{"Zoé"}},
		{"Zoé a rejoint depuis la communauté", "joined", "", []string{"Zoé"}},
		{"Zoé a quitté le groupe", "left", "", []string{"Zoé"}},
		{"Zoé est parti(e)", "left", "", []string{"Zoé"}},
		{"Zoé est partie", "left", "", []string{"Zoé"}},
		{"Vous avez quitté le groupe", "left", "", nil},
		{"Léa a retiré Zoé", "removed", "Léa", []string{"Zoé"}},
		{"Zoé a été retiré(e)", "removed", "", []string{"Zoé"}},
		{"Zoé a changé de numéro de téléphone. Appuyez pour envoyer un message ou ajouter le nouveau numéro.", "number_changed", "Zoé", nil},
		{"+33 6 12 34 56 78 est passé à +33 7 12 34 56 78", "number_changed", "+33 6 12 34 56 78", nil},
		{`Léa a créé le groupe "Voisins"`, "created", "Léa", nil},
		{"Vous avez créé ce groupe", "created", "", nil},
		{"Léa a changé l’icône de ce groupe", "icon", "Léa", nil},
		{"Vous avez changé le sujet en “Fête”", "subject", "", nil},
		{"Léa a remplacé le sujet par “Fête”", "subject", "Léa", nil},
		{"Léa a changé la description du groupe", "description", "Léa", nil},
		{"Vous êtes désormais admin", "admin", "", nil},
		{"Léa a activé les messages éphémères. Les nouveaux messages disparaîtront après 7 jours.", "disappearing", "Léa", nil},
		{"Léa a ajouté ce groupe à la communauté : Ville", "community", "Léa", nil},
		{"Appel vocal manqué", "call", "", nil},
		{"Zoé a demandé à rejoindre le groupe", "requested", "Zoé", nil},
		// Spanish
		{"Ana añadió a Ben y Carla", "added", "Ana", []string{"Ben", "Carla"}},
		{"Añadiste a Ben", "added", "", []string{"Ben"}},
		{"Ana te añadió", "added", "Ana", nil},
		{"Ben se unió usando el enlace de invitación de este grupo", "invited", "", []string{"Ben"}},
		{"Ben salió del grupo", "left", "", []string{"Ben"}},
		{"Ana eliminó a Ben", "removed", "Ana", []string{"Ben"}},
		{"Ben cambió su número de teléfono. Toca para añadirlo.", "number_changed", "Ben", nil},
		{`Ana creó el grupo "Viaje"`, "created", "Ana", nil},
		// German
		{"Oma Helga hat Jonas und Mia hinzugefügt", "added", "Oma Helga", []string{"Jonas", "Mia"}},
		{"Du wurdest hinzugefügt", "added", "", []string{"Du"}},
		{"Oma Helga hat dich hinzugefügt", "added", "Oma Helga", []string{"dich"}},
		{"Jonas ist der Gruppe mit dem Einladungslink beigetreten", "invited", "", []string{"Jonas"}},
		{"Jonas ist über den Einladungslink dieser Gruppe beigetreten.", "invited", "", []string{"Jonas"}},
		{"Jonas hat die Gruppe verlassen.", "left", "", []string{"Jonas"}},
		{"Oma Helga hat Jonas entfernt", "removed", "Oma Helga", []string{"Jonas"}},
		{"Jonas hat die Telefonnummer gewechselt. Tippe, um eine Nachricht zu senden.", "number_changed", "Jonas", nil},
		{"Oma Helga hat die Gruppe „Familie“ erstellt.", "created", "Oma Helga", nil},
		// Italian
		{"Nonna Pia ha aggiunto Marco e Luca", "added", "Nonna Pia", []string{"Marco", "Luca"}},
		{"Hai aggiunto Marco", "added", "", []string{"Marco"}},
		{"Marco è entrato usando il link d'invito del gruppo", "invited", "", []string{"Marco"}},
		{"Marco ha abbandonato il gruppo", "left", "", []string{"Marco"}},
		{"Nonna Pia ha rimosso Marco", "removed", "Nonna Pia", []string{"Marco"}},
		{"Marco ha cambiato numero", "number_changed", "Marco", nil},
		// Portuguese
		{"Vovó Neide adicionou Beto e Rui", "added", "Vovó Neide", []string{"Beto", "Rui"}},
		{"Você foi adicionado", "added", "", nil},
		{"Beto entrou usando o link de convite deste grupo", "invited", "", []string{"Beto"}},
		{"Beto saiu", "left", "", []string{"Beto"}},
		{"Vovó Neide removeu Beto", "removed", "Vovó Neide", []string{"Beto"}},
		{"Beto mudou de número", "number_changed", "Beto", nil},
		// others
		{"Opa Jan heeft Sanne toegevoegd", "added", "Opa Jan", []string{"Sanne"}},
		{"Babaanne Ayşe, Emre'yi gruba ekledi", "added", "Babaanne Ayşe", []string{"Emre"}},
		{"Бабушка Вера добавила Диму", "added", "Бабушка Вера", []string{"Диму"}},
		{"قام خالد بإضافة سارة", "added", "خالد", []string{"سارة"}},
		{"健太が美咲を追加しました", "added", "健太", []string{"美咲"}},
		{"지민님이 나갔습니다", "left", "", []string{"지민"}},
		{"小明退出了群組", "left", "", []string{"小明"}},
	}
	for _, test := range tests {
		e, ok := systemLine(clean(test.text))
		if !ok || e.kind != test.kind || e.actor != test.actor || !slices.Equal(e.people, test.people) {
			t.Errorf("%q: %+v, %v; want %q by %q about %q", test.text, e, ok, test.kind, test.actor, test.people)
		}
	}
}

func TestUnknownLines(t *testing.T) {
	for _, text := range []string{"", ".", "hello", "Ben: Ana added Carl", "Zoé a fait quelque chose", "…"} {
		if e, ok := systemLine(clean(text)); ok {
			t.Errorf("%q: %+v", text, e)
		}
	}
}
