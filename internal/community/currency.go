package community

import "strings"

// Exponents are the decimals in which a source counts currencies, where they differ
// from ISO 4217. Nil is ISO 4217 alone.
type Exponents map[string]uint8

// Of returns the decimals of a currency, and false for one that neither the source
// nor ISO 4217 knows.
func (e Exponents) Of(currency string) (uint8, bool) {
	if n, ok := e[currency]; ok && n <= MaxExponent {
		return n, true
	}
	return ISOExponent(currency)
}

// ValidCurrency says whether a text has the form of a code of ISO 4217: three
// capital letters. Whether the code is in use is another question.
func ValidCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// ISOExponent returns the decimals of a currency by ISO 4217, and false for a code
// that it does not have or that has no minor unit (gold, the code for tests).
// Withdrawn currencies whose rates were published are known too.
func ISOExponent(currency string) (uint8, bool) {
	if !ValidCurrency(currency) {
		return 0, false
	}
	for exponent, codes := range isoCurrencies {
		if strings.Contains(codes, currency+" ") {
			return uint8(exponent), true
		}
	}
	return 0, false
}

// isoCurrencies lists the codes by their number of decimals; each ends in a space.
var isoCurrencies = [...]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ",
	1: "",
	2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW " +
		"CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS " +
		"INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN " +
		"NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC " +
		"SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG " +
		"ANG BGN CUC CYP EEK HRK LTL LVL MTL ROL SIT SKK SLL TRL ZWL ",
	3: "BHD IQD JOD KWD LYD OMR TND ",
	4: "CLF UYW ",
}
