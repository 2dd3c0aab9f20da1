package sample

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
)

// Domains that can belong to nobody.
const (
	teamDomain   = "atelier-lisiere.example"
	agencyDomain = "tisserin.example"
	otherDomain  = "courriel.example"
)

// team are the brand's people, and the one of its agency.
var team = []string{"Capucine Delorme-Vey", "Hugo Lantier", "Inès Maraval", "Aurélie Tisserand"}

// known are members who answer others from early on, most helpful first.
var known = []string{
	"Salomé Achard-Nguyen", "Idriss Lamrani", "Odile Vasseur", "Maud Thévenin",
	"Marie-Charlotte de La Rochefoucauld-Desjardins", "Nadège Fontanille", "Karine", "Ολυμπία Παπαδοπούλου",
	"Bastien Le Goff", "Yasmina B.", "Louise P.", "coudre_en_lune", "Nguyễn Thị Minh Khai", "Théo Marchetti-Bouvier",
}

var firstNames = strings.Fields(`Adèle Agathe Aïcha Alix Amandine Amélie Anaïs Angèle Anouk Apolline Armelle Assia Astrid Aude
Aurore Axelle Béatrice Bérénice Blanche Brigitte Camille Candice Carole Cécile Céleste Charline Chloé Claire Clara Clémence
Coline Constance Coralie Corinne Daphné Delphine Diane Djamila Doriane Édith Élise Élodie Éloïse Elsa Emma Esther Estelle
Eugénie Fanny Faustine Fatou Flavie Flore Florence Françoise Gaëlle Garance Ghislaine Héloïse Hortense Inaya Irène Isabelle
Jade Jeanne Joëlle Josiane Judith Julie Juliette Justine Khadija Laura Laurence Léa Leïla Léonie Lila Lise Lorraine Louna
Lucie Ludivine Madeleine Maëlle Maïté Manon Margaux Marguerite Marion Martine Mathilde Maya Mélanie Mélina Mireille Monique
Morgane Nadia Naïma Nathalie Nina Noémie Océane Olga Pauline Pénélope Perrine Prune Rachel Rania Régine Romane Rosalie Rose
Sabine Samia Sandrine Sarah Séverine Solène Sophie Soraya Suzanne Sylvie Tania Thaïs Valentine Véronique Victoire Violette
Yaëlle Yolande Zélie Zoé Arnaud Basile Cédric Damien Étienne Fabrice Gaspard Jules Karim Léon Mathis Noé Olivier Rémi Samir Tom`)

var lastNames = strings.Fields(`Abadie Aubriot Auclair Barthas Bazin Belmas Bénazet Berthelin Besnault Bideau Boissard
Bonnafous Bordier Bouchemal Bourdelle Brissaud Cadoret Calvignac Carrère Castaing Chabrol Chanteloup Charpin Chassagne
Cluzel Combes Cordier Coudert Courtade Dabin Daumas Delcroix Delmotte Desvignes Diabaté Dubreuil Dufresnoy Escoffier
Espinasse Fabrègue Faugère Ferrandon Flament Fontvieille Fournel Gardette Garnaud Gasquet Gauchard Ghezali Gineste
Gouttebel Granjon Guérinot Hadjadj Haddouche Hennequin Hoarau Jacquemard Jarrige Jolivet Kacimi Kermorvan Labrousse
Lacombe Lafarge Lagrange Lamothe Larrieu Lebrac Lecointe Lemarquis Lesieur Lhermet Maillebuau Malherbe Marchadier
Marsan Maurel Mazières Mercadier Montagnac Morvan Nadaud Niang Ollier Ouvrard Pagès Parrot Pélissier Perrichon Peyrat
Poncelet Pradel Quéméner Rabier Ravel Rebeyrol Reynaud Rigal Roche Rouvière Sabatier Sagnard Saurel Savary Sénac
Serpolet Soubeyrand Tabarly Talbot Teyssier Thibord Tixier Tournadre Traoré Vacher Valadier Varenne Vernet Veyrac Vidalenc Zerrouki`)

var pseudonyms = strings.Fields(`fil_et_pluie la_canette aiguille_douce mercerie_du_lundi petit_dé bobine63 point_de_chute
ourlet_invisible les_mains_d_ici tricoteuse_du_soir maille_apres_maille atelier_du_grenier biais_et_boutons la_doublure
passepoil_rouge chutes_et_co la_surjeteuse ciseaux_cranteurs jersey_et_moi droit_fil thé_et_toile`)

// cast invents n people in the order of their arrival. The known ones come early,
// but for the last three.
func cast(r *rand.Rand, n int) []Person {
	given := map[int]string{}
	for i, name := range known {
		rank := 1 + 5*i
		if late := i - (len(known) - 3); late >= 0 {
			rank = n - 90 + 35*late
		}
		given[rank] = name
	}
	used := map[string]bool{}
	people := make([]Person, 0, n)
	for i := range n {
		name := ""
		for name == "" || used[name] {
			name = nameOf(r, given[i])
		}
		used[name] = true
		p := Person{Name: name, Handle: handleOf(name)}
		for k := 2; used["@"+p.Handle]; k++ {
			p.Handle = fmt.Sprintf("%s%d", handleOf(name), k)
		}
		used["@"+p.Handle] = true
		p.Email = p.Handle + "@" + otherDomain
		people = append(people, p)
	}
	return people
}

func nameOf(r *rand.Rand, given string) string {
	if given != "" {
		return given
	}
	first, last := firstNames[r.IntN(len(firstNames))], lastNames[r.IntN(len(lastNames))]
	switch x := r.IntN(100); {
	case x < 12:
		return first + " " + string([]rune(last)[:1]) + "."
	case x < 18:
		return strings.ToLower(first) + "_" + []string{"coud", "tricote", "brode", "et_ses_fils"}[r.IntN(4)]
	case x < 22:
		return pseudonyms[r.IntN(len(pseudonyms))] + []string{"", "_", "2", "63", "31"}[r.IntN(5)]
	case x < 30:
		return first + " " + last + "-" + lastNames[r.IntN(len(lastNames))]
	}
	return first + " " + last
}

// plainLetters are what accented letters become in handles and addresses.
var plainLetters = strings.NewReplacer("é", "e", "è", "e", "ê", "e", "ë", "e", "à", "a", "â", "a", "î", "i", "ï", "i", "ô", "o",
	"ù", "u", "û", "u", "ü", "u", "ç", "c", "ễ", "e", "ị", "i", "ό", "ο", "ύ", "υ", "ί", "ι", " ", ".")

// handleOf makes a handle of a name: plain letters and digits, dots between words.
func handleOf(name string) string {
	plain := plainLetters.Replace(strings.ToLower(name))
	plain = strings.Map(func(c rune) rune {
		switch {
		case c == '.' || c == '_' || c == '-' || c < 128 && (unicode.IsLetter(c) || unicode.IsDigit(c)):
			return c
		}
		return None
	}, plain)
	if plain = strings.Trim(plain, ".-_"); plain == "" {
		return "membre"
	}
	return plain
}

// phone is a number of the range that France keeps free for fiction.
func phone(i int) string { return fmt.Sprintf("+33 6 39 98 %02d %02d", i/100%100, i%100) }
