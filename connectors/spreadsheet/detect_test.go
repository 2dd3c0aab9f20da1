package spreadsheet

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/foyer-app/foyer/connectors"
)

func encoded(t *testing.T, encoding, text string) string {
	t.Helper()
	var out string
	var err error
	switch encoding {
	case "windows-1252":
		out, err = charmap.Windows1252.NewEncoder().String(text)
	case "utf-16le, marked":
		out, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	case "utf-16be, marked":
		out, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	case "utf-16le":
		out, err = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	case "utf-8, marked":
		out = "\uFEFF" + text
	default:
		out = text
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func lookAt(t *testing.T, name, content string, said *connectors.Mapping) connectors.Look {
	t.Helper()
	look, err := Connector{}.Look(t.Context(), fstest.MapFS{name: {Data: []byte(content)}}, name, said, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return look
}

func TestDetectsHowAFileIsWritten(t *testing.T) {
	t.Parallel()
	french := "Prénom;Nom;Crédit\nZoé;Müller;12,50\nJoël;Faÿ;3,00\n"
	for name, tt := range map[string]struct {
		content, separator, encoding, header string
		first                                []string
	}{
		"commas":                      {"id,email\n1,a@x.fr\n2,b@x.fr\n", ",", "utf-8", "yes", []string{"1", "a@x.fr"}},
		"semicolons, decimal commas":  {french, ";", "utf-8", "yes", []string{"Zoé", "Müller", "12,50"}},
		"windows":                     {encoded(t, "windows-1252", french), ";", "windows-1252", "yes", []string{"Zoé", "Müller", "12,50"}},
		"UTF-8 with a mark":           {encoded(t, "utf-8, marked", french), ";", "utf-8", "yes", []string{"Zoé", "Müller", "12,50"}},
		"UTF-16 LE with a mark":       {encoded(t, "utf-16le, marked", french), ";", "utf-16le", "yes", []string{"Zoé", "Müller", "12,50"}},
		"UTF-16 BE with a mark":       {encoded(t, "utf-16be, marked", french), ";", "utf-16be", "yes", []string{"Zoé", "Müller", "12,50"}},
		"UTF-16 without a mark":       {encoded(t, "utf-16le", french), ";", "utf-16le", "yes", []string{"Zoé", "Müller", "12,50"}},
		"tabs":                        {"id\tname\n1\tAnn, of X\n2\tBob; of Y\n", "\t", "utf-8", "yes", []string{"1", "Ann, of X"}},
		"bars":                        {"id|name\n1|Ann, of X\n2|Bob, of Y\n", "|", "utf-8", "yes", []string{"1", "Ann, of X"}},
		"white space":                 {" 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n", " ", "utf-8", "no", []string{"00001", "19970101", "1", "11.77"}},
		"white space, named":          {" customer_id  date number_of_cds dollar_value\n 00001 19970101  1   11.77\n", " ", "utf-8", "yes", []string{"00001", "19970101", "1", "11.77"}},
		"a comma inside quotes":       {"id,name\n1,\"Ann, of X\"\n2,\"Bob, of Y\"\n", ",", "utf-8", "yes", []string{"1", "Ann, of X"}},
		"a line end inside quotes":    {"id;name\n1;\"Ann\nof X\"\n2;Bob\n", ";", "utf-8", "yes", []string{"1", "Ann of X"}},
		"a quote inside quotes":       {"id;name\n1;\"Ann \"\"of\"\" X\"\n", ";", "utf-8", "yes", []string{"1", `Ann "of" X`}},
		"a quote inside a bare value": {"id;size\n1;12\" wide\n2;13\" wide\n", ";", "utf-8", "yes", []string{"1", `12" wide`}},
		"lines of Windows":            {"id;name\r\n1;Ann\r\n2;Bob\r\n", ";", "utf-8", "yes", []string{"1", "Ann"}},
		"no header":                   {"1;2024-01-31;5.00\n2;2024-02-01;6.00\n", ";", "utf-8", "no", []string{"1", "2024-01-31", "5.00"}},
		"unknown names above data":    {"foo;bar\n1;2\n3;4\n", ";", "utf-8", "yes", []string{"1", "2"}},
		"blank lines before":          {"\n\n;;\nid;name\n1;Ann\n", ";", "utf-8", "yes", []string{"1", "Ann"}},
		"a formula kept from being":   {"id;phone\n1;'+33612345678\n", ";", "utf-8", "yes", []string{"1", "+33612345678"}},
		"one column":                  {"email\na@x.fr\nb@x.fr\n", ",", "utf-8", "yes", []string{"a@x.fr"}},
	} {
		look := lookAt(t, "a.csv", tt.content, nil)
		m := look.Mapping
		if m.Separator != tt.separator || m.Encoding != tt.encoding || m.Header != tt.header {
			t.Errorf("%s: separator %q, encoding %s, header %s; want %q, %s, %s", name, m.Separator, m.Encoding, m.Header, tt.separator, tt.encoding, tt.header)
		}
		if len(look.Rows) == 0 || !slices.Equal(look.Rows[0], tt.first) {
			t.Errorf("%s: first row %q, want %q", name, look.Rows, tt.first)
		}
	}
}

func TestDecidesDecimals(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		values []string
		want   string
		why    string
	}{
		"points":                  {[]string{"12.50", "3"}, ".", whyValues},
		"commas":                  {[]string{"12,50 €", "3"}, ",", whyValues},
		"both in one":             {[]string{"1.234,5"}, ",", whyValues},
		"English both":            {[]string{"$1,234.56"}, ".", whyValues},
		"whole numbers":           {[]string{"12", "5"}, ".", whyNothing},
		"nothing":                 {nil, ".", whyNothing},
		"thousands or thousandth": {[]string{"1,234", "5,678"}, "", whyAmbiguous},
		"millions":                {[]string{"1.234.567"}, "", whyAmbiguous},
		"a thousandth of zero":    {[]string{"0.125"}, ".", whyValues},
		"one of each":             {[]string{"1,5", "1.5"}, "", whyAmbiguous},
		"one typing error":        {append(slices.Repeat([]string{"1,5"}, 30), "1.5"), ",", whyValues},
	} {
		if got, why := decideDecimal(tt.values); got != tt.want || why != tt.why {
			t.Errorf("%s: %q by %s, want %q by %s", name, got, why, tt.want, tt.why)
		}
	}
}

func TestDecidesDates(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		values []string
		want   string
		why    string
		sample string
	}{
		"day above 12":        {[]string{"01/02/2024", "31/01/2024"}, orderDMY, whyValues, ""},
		"month second":        {[]string{"01/02/2024", "01/31/2024"}, orderMDY, whyValues, ""},
		"either":              {[]string{"01/02/2024", "03/04/2024"}, "", whyAmbiguous, "01/02/2024"},
		"points":              {[]string{"01.02.2024"}, orderDMY, whyValues, ""},
		"ISO":                 {[]string{"2024-02-01T10:00:00Z"}, orderYMD, whyValues, ""},
		"spelled":             {[]string{"1 févr. 2024", "Feb 2, 2024"}, orderYMD, whyValues, ""},
		"compact":             {[]string{"20240201", "19970131"}, orderCompact, whyValues, ""},
		"compact with a time": {[]string{"20240201 10:00"}, orderCompact, whyValues, ""},
		"serial":              {[]string{"45322", "45322.5"}, orderSerial, whyValues, ""},
		"seconds":             {[]string{"1706659200"}, orderUnix, whyValues, ""},
		"milliseconds":        {[]string{"1706659200000"}, orderUnix, whyValues, ""},
		"two digits, year":    {[]string{"99-12-31", "98-01-02"}, orderYMD, whyValues, ""},
		"contradiction":       {[]string{"31/01/2024", "01/31/2024"}, "", whyAmbiguous, ""},
		"nothing":             {nil, orderYMD, whyNothing, ""},
	} {
		if got, why, sample := decideDates(tt.values, false); got != tt.want || why != tt.why || sample != tt.sample {
			t.Errorf("%s: %q by %s, sample %q; want %q by %s, %q", name, got, why, sample, tt.want, tt.why, tt.sample)
		}
	}
	if got, why, _ := decideDates([]string{"43860"}, true); got != orderSerial4 || why != whyMark {
		t.Errorf("of 1904: %s by %s", got, why)
	}
}

func TestParsesDates(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ text, order, want string }{
		"day first":             {"31/01/2024", orderDMY, "2024-01-30T23:00:00Z"},
		"with a time":           {"31/01/2024 18:05", orderDMY, "2024-01-31T17:05:00Z"},
		"French time":           {"31/01/2024 18h05", orderDMY, "2024-01-31T17:05:00Z"},
		"afternoon":             {"1/31/24, 6:05 PM", orderMDY, "2024-01-31T17:05:00Z"},
		"midnight, American":    {"1/31/24 12:05 AM", orderMDY, "2024-01-30T23:05:00Z"},
		"ISO with a zone":       {"2024-01-31T18:05:06.5Z", orderDMY, "2024-01-31T18:05:06.5Z"},
		"zone with a colon":     {"2024-01-31 18:05:06 +01:00", orderMDY, "2024-01-31T17:05:06Z"},
		"zone of a shop":        {"2024-01-31 18:05:06 -0500", orderYMD, "2024-01-31T23:05:06Z"},
		"UTC":                   {"2024-01-31 18:05:06 UTC", orderYMD, "2024-01-31T18:05:06Z"},
		"summer":                {"01/07/2024 10:00", orderDMY, "2024-07-01T08:00:00Z"},
		"spelled, French":       {"1er août 2024", orderDMY, "2024-07-31T22:00:00Z"},
		"spelled, English":      {"Jan 31, 2024 18:05", orderDMY, "2024-01-31T17:05:00Z"},
		"spelled, with hyphens": {"31-Jan-2024", orderMDY, "2024-01-30T23:00:00Z"},
		"compact":               {"20240131", orderCompact, "2024-01-30T23:00:00Z"},
		"serial":                {"45322.75", orderSerial, "2024-01-31T17:00:00Z"},
		"serial of 1904":        {"43860", orderSerial4, "2024-01-30T23:00:00Z"},
		"seconds":               {"1706659200", orderUnix, "2024-01-31T00:00:00Z"},
		"year of the last one":  {"31/12/99", orderDMY, "1999-12-30T23:00:00Z"},
	} {
		m, err := parseDate(tt.text, tt.order, paris)
		if got := m.at.Format(time.RFC3339Nano); err != nil || got != tt.want {
			t.Errorf("%s: %q is %s, %v; want %s", name, tt.text, got, err, tt.want)
		}
	}
	for _, text := range []string{"", "hier", "32/01/2024", "30/02/2024", "31/01/2024 25:00", "31/01/2024 10:61", "31/01/2024x", "1/2", "31/01/1920", "31/01/2200", "45322", "31/01/202"} {
		if m, err := parseDate(text, orderDMY, paris); err == nil {
			t.Errorf("%q is %v", text, m.at)
		}
	}
}

func TestParsesNumbers(t *testing.T) {
	t.Parallel()
	for text, tt := range map[string]struct {
		decimal byte
		want    string
	}{
		"12.50": {'.', "25/2"}, "12,50": {',', "25/2"}, "1 234,50 €": {',', "2469/2"}, "1\u202f234,50": {',', "2469/2"}, "1.234,5": {',', "2469/2"},
		"$1,234.50": {'.', "2469/2"}, "1'234.50": {'.', "2469/2"}, "CHF 12": {'.', "12"}, "12 eur": {'.', "12"}, "-5": {'.', "-5"}, "5-": {'.', "-5"}, "−5,5": {',', "-11/2"},
		"(5.5)": {'.', "-11/2"}, "€ -5": {'.', "-5"}, "-€5": {'.', "-5"}, "+5": {'.', "5"}, ".5": {'.', "1/2"}, "1E3": {'.', "1000"}, "1e-2": {'.', "1/100"}, "0": {'.', "0"},
	} {
		r, err := parseNumber(text, tt.decimal)
		if err != nil || r.RatString() != tt.want {
			t.Errorf("%q: %v, %v; want %s", text, r, err, tt.want)
		}
	}
	for _, text := range []string{"", "douze", "1,5", "1.2.3", "12,34,56", "1,23", "--", "1 23", "12..5", "1e999999", "0x10", "1/2", "NaN", "Inf", "1_000", "12 abc", strings.Repeat("9", 40)} {
		if r, err := parseNumber(text, '.'); err == nil {
			t.Errorf("%q is %v", text, r)
		}
	}
}

// TestKnowsExports: the headers of usual exports are understood without a word.
func TestKnowsExports(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		header  string
		row     string
		kind    string
		columns map[string]string
	}{
		"shop with lines": {
			"Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Country,Refunded Amount,Id,Source",
			"#1001,a@x.fr,paid,2024-01-31 10:00:00 +0100,EUR,100.00,5.00,17.50,105.00,AMI,0.00,2024-01-31 10:00:00 +0100,1,Tasse,100.00,T1,Ann,FR,0.00,555,web", kindOrders,
			map[string]string{
				"order": "Name", "email": "Email", "state": "Financial Status", "currency": "Currency", "amount": "Subtotal", "shipping": "Shipping", "tax": "Taxes", "total": "Total",
				"code": "Discount Code", "discount": "Discount Amount", "date": "Created at", "quantity": "Lineitem quantity", "product": "Lineitem name", "unit_price": "Lineitem price",
				"sku": "Lineitem sku", "name": "Billing Name", "country": "Billing Country", "refunded": "Refunded Amount", "channel": "Source",
			},
		},
		"French shop": {
			"ID;Référence;Nouveau client;Client;Total;Paiement;État;Date", "12;XKBKNABJK;1;Z. Martin;120,00 €;CB;Livré;31/01/2024 10:00:00", kindOrders,
			map[string]string{"order": "ID", "number": "Référence", "customer": "Client", "total": "Total", "state": "État", "date": "Date"},
		},
		"subscriptions of a billing system": {
			"id,Customer ID,Customer Email,Plan,Quantity,Currency,Interval,Amount,Status,Created (UTC),Start (UTC),Trial End (UTC),Canceled At (UTC),Ended At (UTC)",
			"sub_1,cus_1,a@x.fr,pro,1,eur,month,9.00,active,2024-01-31 10:00,2024-01-31 10:00,,,", kindSubscriptions,
			map[string]string{
				"subscription": "id", "customer": "Customer ID", "email": "Customer Email", "currency": "Currency", "interval": "Interval", "monthly": "Amount", "state": "Status",
				"started": "Start (UTC)", "trial_end": "Trial End (UTC)", "ended": "Ended At (UTC)", "cancel_asked": "Canceled At (UTC)",
			},
		},
		"payments of a billing system": {
			"id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer ID,Customer Email", "ch_1,2024-01-31 10:00,9.00,0.00,eur,Paid,cus_1,a@x.fr", kindOrders,
			map[string]string{"order": "id", "date": "Created date (UTC)", "amount": "Amount", "refunded": "Amount Refunded", "currency": "Currency", "state": "Status", "customer": "Customer ID", "email": "Customer Email"},
		},
		"customers": {
			"Customer ID,First Name,Last Name,Email,Phone,Default Address Company", "7,Ann,Of X,a@x.fr,'+33612345678,X", kindCustomers,
			map[string]string{"customer": "Customer ID", "first_name": "First Name", "last_name": "Last Name", "email": "Email", "phone": "Phone", "company": "Default Address Company"},
		},
		"advertising": {
			"Reporting starts,Reporting ends,Campaign name,Amount spent (EUR)", "2024-01-01,2024-01-31,Winter,120.50", kindMarketing,
			map[string]string{"from": "Reporting starts", "to": "Reporting ends", "channel": "Campaign name", "amount": "Amount spent (EUR)"},
		},
		"costs of the programme": {
			"Mois;Catégorie;Heures;Coût", "01/2024;Animation;12,5;800,00", kindProgramme,
			map[string]string{"month": "Mois", "category": "Catégorie", "hours": "Heures", "amount": "Coût"},
		},
		"survey": {
			"Horodateur;Adresse e-mail;Comment nous avez-vous connu ?", "31/01/2024 10:00:00;a@x.fr;Une amie", kindAnswers,
			map[string]string{"date": "Horodateur", "email": "Adresse e-mail", "choice": "Comment nous avez-vous connu ?"},
		},
		"lines": {
			"Order ID,Date,SKU,Product name,Quantity,Unit price", "1,2024-01-31,T1,Tasse,2,5.00", kindLines,
			map[string]string{"order": "Order ID", "date": "Date", "sku": "SKU", "product": "Product name", "quantity": "Quantity", "unit_price": "Unit price"},
		},
	} {
		look := lookAt(t, "export.csv", tt.header+"\n"+tt.row+"\n", nil)
		if look.Mapping.Kind != tt.kind || !maps.Equal(look.Mapping.Columns, tt.columns) {
			t.Errorf("%s: %s\n%v\nwant %s\n%v", name, look.Mapping.Kind, look.Mapping.Columns, tt.kind, tt.columns)
		}
	}
}

func TestSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	orders := "id,date,amount\n1,2024-01-31,10.00\n"
	for name, tt := range map[string]struct {
		content string
		said    connectors.Mapping
		want    []string
	}{
		"all of it":           {orders, connectors.Mapping{}, []string{"tax", "currency"}},
		"a rate":              {orders, connectors.Mapping{Tax: "included", Currency: "EUR"}, []string{"rate"}},
		"no rate without tax": {orders, connectors.Mapping{Tax: "excluded", Currency: "EUR"}, nil},
		"a rate that is none": {orders, connectors.Mapping{Tax: "included", Rate: "vingt", Currency: "EUR"}, []string{"rate"}},
		"a wrong currency":    {orders, connectors.Mapping{Tax: "excluded", Currency: "XXX"}, []string{"currency"}},
		"a column":            {"id,le,amount\n1,2024-01-31,10.00\n", connectors.Mapping{Kind: "orders", Tax: "excluded", Currency: "EUR"}, []string{"column.date"}},
		"an unknown column":   {orders, connectors.Mapping{Kind: "orders", Tax: "excluded", Currency: "EUR", Columns: map[string]string{"date": "date", "amount": "amount", "email": "mail"}}, []string{"column.email"}},
		"day or month":        {"id,date,amount\n1,01/02/2024,10.00\n", connectors.Mapping{Tax: "excluded", Currency: "EUR"}, []string{"date_order"}},
		"decimals":            {"id,date,amount\n1,2024-01-31,\"10,000\"\n", connectors.Mapping{Tax: "excluded", Currency: "EUR"}, []string{"decimal"}},
		"tax of the header":   {"id;date;montant ht (eur)\n1;2024-01-31;10,00\n", connectors.Mapping{}, nil},
		"the table's day":     {"customer,tenure,monthly charges,churn\n1,5,10.00,Yes\n", connectors.Mapping{Tax: "excluded", Currency: "EUR"}, []string{"as_of"}},
		"an unknown kind":     {orders, connectors.Mapping{Kind: "wishes"}, []string{"kind"}},
		"left out":            {orders, connectors.Mapping{Kind: "skip"}, nil},
	} {
		if look := lookAt(t, "a.csv", tt.content, &tt.said); !slices.Equal(look.Missing, tt.want) {
			t.Errorf("%s: %q, want %q", name, look.Missing, tt.want)
		}
	}
}

// TestShapeOutlivesTheWriting: the columns are the shape, however they are
// written, and the column that Foyer adds does not count.
func TestShapeOutlivesTheWriting(t *testing.T) {
	t.Parallel()
	shape := lookAt(t, "a.csv", "Commande;Créée le\n1;2024-01-31\n", nil).Shape
	for name, content := range map[string]string{
		"commas":     "Commande,Créée le\n2,2024-02-01\n",
		"refused":    "\uFEFFCommande,Créée le,foyer_reason\n2,2024-02-01,\"no, not that\"\n",
		"other case": "commande\tCRÉÉE LE\n2\t2024-02-01\n",
	} {
		if got := lookAt(t, "b.csv", content, nil).Shape; got != shape {
			t.Errorf("%s: another shape", name)
		}
	}
	if got := lookAt(t, "b.csv", "Créée le;Commande\n2024-01-31;1\n", nil).Shape; got == shape {
		t.Error("columns in another order are the same shape")
	}
	bare := lookAt(t, "a.csv", "1;2024-01-31\n2;2024-02-01\n", nil).Shape
	if got := lookAt(t, "b.csv", "#1,#2,foyer_reason\n1,2024-01-31,why\n", nil).Shape; got != bare {
		t.Error("the refused lines of a table without a header have another shape")
	}
}

func TestRecognises(t *testing.T) {
	t.Parallel()
	chat := "31/12/2023, 10:00 - Ana: salut\n31/12/2023, 10:01 - Ben: oui\n"
	for name, tt := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"a table":              {map[string]string{"orders.csv": "id,date\n1,2024-01-31\n"}, true},
		"several":              {map[string]string{"a/orders.csv": "id,date\n", "b/x.tsv": "a\tb\n"}, true},
		"text in columns":      {map[string]string{"master.txt": " 1 19970101 1 11.77\n 2 19970102 2 12.00\n"}, true},
		"a chat":               {map[string]string{"_chat.txt": chat}, false},
		"prose":                {map[string]string{"README.txt": "Dear reader, welcome\nRead this, please\n"}, false},
		"beside something":     {map[string]string{"orders.csv": "id,date\n", "users.json": "[]"}, false},
		"what macOS adds":      {map[string]string{"orders.csv": "id,date\n", "__MACOSX/._orders.csv": "\x00", ".DS_Store": "\x00"}, true},
		"an empty one":         {map[string]string{"orders.csv": ""}, false},
		"no files":             {nil, false},
		"a table in some text": {map[string]string{"a.txt": "id;date;amount\n1;2024-01-31;5\n"}, true},
	} {
		files := fstest.MapFS{}
		for n, c := range tt.files {
			files[n] = &fstest.MapFile{Data: []byte(c)}
		}
		if got := (Connector{}).Recognises(files); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLookStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Connector{}).Look(ctx, fstest.MapFS{"a.csv": {Data: []byte("id\n1\n")}}, "a.csv", nil, nil); err == nil {
		t.Error("a cancelled look succeeds")
	}
}
