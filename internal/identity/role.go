package identity

import "strings"

// roles are the names of offices and machines before the @, in French and English,
// without dots, dashes and accents.
const roles = ` abuse accounting accounts accueil achat achats adhesion adhesions admin administratif administration administrator
 adv agence assistance atelier backoffice billing bonjour booking bookings boutique bureau caisse cashier catchall client clients
 cob colis com comite commande commandes commercial commerciale commerciaux communication communications compta comptabilite
 comptable compte comptes contact contacts contactus contactez courrier customer customercare customers customerservice demo
 devnull dev dircom direction directeur dns donotreply email emails enquiries enquiry equipe event events evenement evenements
 expedition facturation facture factures fax feedback finance finances formation formations fournisseur fournisseurs
 gerance gerant gestion guest hello help helpdesk hostmaster hotline hr info infos information informations inconnu invoice
 invoices invoicing it jobs juridique kontakt legal livraison logistique logistics magasin mail mailbox mailerdaemon mairie
 marketing media medias message messagerie moderation nepasrepondre news newsletter nobody nomail none noreply notification
 notifications office operations order orders paie partenaires partenariat partenariats partners payment payments payroll pos
 postmaster presse press privacy procurement purchase purchases purchasing qualite rdv reception reclamation reclamations
 recrutement recruitment redaction reservation reservations retour retours returns rh root sales sav secretariat securite security
 service serviceclient serviceclients services shipping shop societe staff standard store studio subscribe support sysadmin
 team tech technical technique test tests tresorerie unknown unsubscribe user vente ventes web webmaster welcome www `

// isRole says whether a local part, its plus taken off, is of an office: the whole of
// it, or its words with the marks between them left out ("service-client").
func isRole(local string) bool {
	plain := strings.NewReplacer(".", "", "-", "", "_", "", "é", "e", "è", "e", "ê", "e").Replace(local)
	return plain != "" && containsWord(roles, plain)
}

func containsWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}

// isInvented says whether a domain receives no mail by definition (RFC 2606, 6761),
// or is one that forms are filled with.
func isInvented(domain string) bool {
	for _, end := range []string{".test", ".example", ".invalid", ".localhost", ".local", ".example.com", ".example.net", ".example.org"} {
		if strings.HasSuffix("."+domain, end) {
			return true
		}
	}
	return containsWord("test.com test.fr exemple.com exemple.fr noemail.com nomail.com", domain)
}
