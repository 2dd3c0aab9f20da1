package spreadsheet

import "strings"

// dictionary holds, for each field, the headers that mean it, folded: in English
// and French, and as the exports of the usual shops and billing systems write
// them. Where several columns match, the earlier word of the list is taken.
var dictionary = map[string]string{
	fOrder: "order id|order_id|commande id|id commande|id de commande|numero de commande|numero commande|n de commande|no commande|" +
		"reference commande|order number|order no|order #|order|commande|invoice id|invoice number|invoice|facture|id facture|numero de facture|" +
		"n facture|reference|charge id|transaction id|id transaction|id",
	fNumber: "number|numero|order name|invoice number|invoice no|numero de facture|reference|reference de commande|name",
	fDate: "date|order date|date commande|date de commande|date de la commande|invoice date|date facture|date de facture|date de facturation|" +
		"created at|created at utc|created utc|date created|created date utc|paid at|date d achat|purchase date|date ajout|date add|created|created date|" +
		"order created at|date de vente|transaction date|date transaction|answered at|submitted at|response date|date de reponse|horodateur|timestamp|submit date utc",
	fAmount: "subtotal|sous total|sous total ht|net amount|montant ht|total ht|total produits ht|total products|total products tax excl|ca ht|" +
		"montant net|net|amount|montant|montant ttc|price|prix|dollar value|sales|revenue|chiffre d affaires|ca|value|cart subtotal|" +
		"order subtotal|spend|depense|depenses|cost|cout|couts|cost amount|amount spent|montant depense|montant depense eur|amount spent eur|budget",
	fTotal: "total|order total|total commande|total ttc|order total amount|grand total|total paid|total paye|total paid tax incl|total paye ttc|" +
		"total price|invoice total|total facture|total de la commande|montant total|montant total ttc|total amount",
	fTax:  "taxes|tax|tva|total tax|tax amount|montant tva|montant de la tva|total taxes|order total tax|tax total|vat|vat amount|taxe|order tax|cart tax",
	fRate: "tax rate|taux tva|taux de tva|tva %|vat rate|taux de taxe|vat %|taux|tax %",
	fShipping: "shipping|livraison|frais de port|frais de livraison|shipping amount|order shipping|shipping total|total shipping|" +
		"total frais de port|total shipping tax excl|port|shipping cost|order shipping amount|frais port ht",
	fDiscount: "discount amount|remise|montant remise|discount|reduction|order discount|cart discount|total discounts|total discounts tax excl|" +
		"montant de la remise|cart discount amount|order discount amount",
	fRefunded:   "refunded amount|amount refunded|montant rembourse|rembourse|refund|order refund amount|refund amount|total refunded|remboursement|montant rembourse ttc",
	fRefundedAt: "refunded at|refund date|date remboursement|date de remboursement|refunded date utc",
	fCode:       "discount code|code promo|coupon|coupon code|coupons|promo code|code de reduction|code reduction|bon de reduction|voucher|promotion code|discount codes|coupon code s",
	fChannel: "channel|canal|source|utm source|order source|acquisition channel|canal d acquisition|origine|source name|provenance|" +
		"attribution source|medium|plateforme|platform|regie|campaign|campagne",
	fState:    "status|etat|statut|financial status|order status|etat de la commande|statut de la commande|current state|payment status|statut de paiement|state",
	fTest:     "test|is test|livemode",
	fCurrency: "currency|devise|order currency|currency code|monnaie|code devise|id currency|currency iso",
	fUpdated:  "updated at|date modified|modified|date modification|date de modification|date upd|last modified|mis a jour le|updated",
	fCustomer: "customer id|id client|client id|customer|client|id customer|numero client|numero de client|n client|code client|customer number|" +
		"user id|id utilisateur|customer user|contact id|acheteur|buyer id|subscriber id|account id|id de client|rownames",
	fEmail: "email|e mail|customer email|email client|adresse email|adresse e mail|mail|courriel|billing email|email address|email facturation|" +
		"email de facturation|customer email address|adresse mail|e mail address|contact email",
	fPhone:   "phone|telephone|tel|billing phone|mobile|portable|phone number|numero de telephone|phone mobile|telephone portable|customer phone|telephone mobile|gsm",
	fName:    "full name|nom complet|customer name|nom du client|nom client|billing name|name|nom et prenom|prenom et nom|customer description|contact name|raison sociale client",
	fFirst:   "first name|prenom|firstname|billing first name|given name|prenom client|billing address first name|first name billing",
	fLast:    "last name|nom|lastname|billing last name|surname|family name|nom de famille|billing address last name|last name billing",
	fCompany: "company|societe|entreprise|billing company|company name|organisation|organization|raison sociale|nom de la societe|default address company",
	fCountry: "country|pays|billing country|country code|code pays|shipping country|country iso|billing address country|default address country code|" +
		"pays de facturation|card address country|customer country",
	fCity: "city|ville|billing city|shipping city|billing address city|default address city|ville de facturation|town",
	fCreated: "created at|date d inscription|date inscription|registered|sign up date|registration date|date creation|date de creation|" +
		"created|created utc|date add|customer since|client depuis|date created|inscription|created date utc",
	fSKU: "lineitem sku|sku|product reference|reference produit|ref produit|code article|article|ref|product sku|item sku|reference article|" +
		"product id|id produit|item code|product reference code",
	fProduct:  "lineitem name|product|produit|product name|nom du produit|item name|designation|libelle|libelle produit|item|article nom|description|nom produit|product title",
	fQuantity: "lineitem quantity|quantity|quantite|qty|qte|product quantity|nombre|item quantity|number of cds|nb articles|quantite commandee",
	fUnitPrice: "lineitem price|unit price|prix unitaire|item price|unit cost|prix unitaire ht|prix unitaire ttc|pu|pu ht|pu ttc|price each|item cost|" +
		"unit price tax excl|unit price tax incl|product price",
	fLineAmount: "line total|total ligne|montant ligne|line amount|item total|total price tax excl|total price tax incl|order line total|" +
		"total ligne ht|total ligne ttc|line subtotal|montant de la ligne|total|montant|montant ht|montant ttc|amount",
	fSubscription: "subscription id|id abonnement|abonnement|subscription|abonnement id|numero d abonnement|contract id|id contrat|contrat id|numero de contrat|id",
	fStarted: "start utc|start date utc|start date|started at|date de debut|debut|date debut|start|created utc|created at|date de souscription|souscription|" +
		"subscribed at|date d abonnement|activation date|started|created|date de creation|debut d abonnement",
	fTenure:      "tenure|anciennete|tenure months|anciennete mois|mois d anciennete|duree|duration months|months",
	fEnded:       "ended at|ended at utc|end date|date de fin|fin|date fin|cancelled at|canceled at|canceled at utc|date de resiliation|resilie le|ended|churn date|end",
	fChurned:     "churn|churned|resilie|resiliation|is churned|exited|attrition|perdu",
	fTrialEnd:    "trial end|trial end utc|trial end date|fin d essai|fin de l essai|fin periode d essai|date de fin d essai",
	fCancelAsked: "cancel requested at|cancellation requested|canceled at utc|date de demande de resiliation|cancel at period end date|demande de resiliation",
	fMonthly: "monthly charges|mrr|monthly amount|montant mensuel|plan amount|amount|montant|price|prix|tarif|prix mensuel|abonnement mensuel|" +
		"plan price|recurring amount|monthly price|mensualite|tarif mensuel|montant ht|montant ttc",
	fInterval: "interval|plan interval|intervalle|frequence|periodicite|billing period|billing interval|periode|period|periode de facturation",
	fFrom:     "from|du|start date|start|date|day|jour|date de debut|debut|date debut|reporting starts|debut des rapports|week|semaine",
	fTo:       "to|au|end date|end|date de fin|fin|date fin|reporting ends|fin des rapports",
	fMonth:    "month|mois|period|periode",
	fCategory: "category|categorie|type|poste|nature|cost type|type de cout|type de depense|label|libelle|description",
	fHours:    "hours|heures|temps h|nb heures|nombre d heures|temps passe|duree h|heures passees|time spent|staff hours",
	fMinutes:  "minutes|min|temps min|duree min|nb minutes",
	fCost:     "cost id|id depense|id cout|piece|numero de piece|expense id|id",
	fAnswer:   "response id|answer id|id reponse|id de reponse|reponse id|submission id|token|#|id",
	fChoice: "how did you hear about us|how did you hear about us?|comment nous avez vous connu|comment avez vous entendu parler de nous|answer|" +
		"reponse|choice|choix|comment nous as tu connu|ou nous avez vous connu|source|comment avez vous connu la marque|response|attribution",
}

// fieldsNamed lists the fields that a header can mean, or nil.
func fieldsNamed(header string) []string {
	name := withoutUnit(fold(header))
	var list []string
	for field, all := range dictionary {
		if rank(all, name) >= 0 {
			list = append(list, field)
		}
	}
	return list
}

// rank is the place of a name in a list of the dictionary; -1 when it is not there.
func rank(list, name string) int {
	n := 0
	for word := range strings.SplitSeq(list, "|") {
		if word == name {
			return n
		}
		n++
	}
	return -1
}

// withoutUnit takes the currency off a header: "amount eur", "total €".
func withoutUnit(name string) string {
	words := strings.Fields(name)
	if n := len(words); n > 1 && len(words[n-1]) == 3 && isCurrency(words[n-1]) && !isWord(words[n-1]) {
		return strings.Join(words[:n-1], " ")
	}
	return name
}

// isWord says that three letters are a word of headers before they are a currency.
func isWord(s string) bool { return s == "all" || s == "top" || s == "try" }
