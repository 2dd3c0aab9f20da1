package web

import (
	"slices"
	"strings"

	"github.com/foyer-app/foyer/web/ui"
)

// currencyField chooses a currency of ISO 4217; the most likely come first.
func currencyField(name, label, hint, current, problem string) ui.Field {
	f := ui.Field{Name: name, Label: label, Hint: hint, Error: problem, Value: current}
	for _, c := range currencies() {
		f.Options = append(f.Options, ui.Option{Value: c, Label: c, Current: c == current})
	}
	return f
}

// isCurrency says whether a code is one of a currency in use.
func isCurrency(code string) bool { return slices.Contains(currencies(), code) }

func currencies() []string { return strings.Fields(currencyCodes) }

// currencyCodes are the currencies of ISO 4217 that are money somewhere.
const currencyCodes = `EUR CHF GBP USD CAD
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CDF CLP CNY COP CRC CUP
CVE CZK DJF DKK DOP DZD EGP ERN ETB FJD FKP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD
JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX UYU UZS VED VES VND VUV WST XAF XCD XOF XPF
YER ZAR ZMW ZWG`
