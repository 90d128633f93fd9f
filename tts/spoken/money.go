package spoken

import (
	"regexp"
	"strings"
)

// currency is how amounts of one currency are said.
type currency struct{ one, many, cent, cents string }

// Read-only table.
var currencies = map[string]currency{
	"$": {"dollar", "dollars", "cent", "cents"}, "US$": {"U S dollar", "U S dollars", "cent", "cents"},
	"C$": {"Canadian dollar", "Canadian dollars", "cent", "cents"}, "CA$": {"Canadian dollar", "Canadian dollars", "cent", "cents"},
	"A$": {"Australian dollar", "Australian dollars", "cent", "cents"}, "AU$": {"Australian dollar", "Australian dollars", "cent", "cents"},
	"NZ$": {"New Zealand dollar", "New Zealand dollars", "cent", "cents"}, "HK$": {"Hong Kong dollar", "Hong Kong dollars", "cent", "cents"},
	"R$": {"real", "reais", "centavo", "centavos"},
	"€":  {"euro", "euros", "cent", "cents"}, "£": {"pound", "pounds", "penny", "pence"}, "¥": {"yen", "yen", "", ""},
	"₹": {"rupee", "rupees", "paisa", "paise"}, "₽": {"ruble", "rubles", "kopek", "kopeks"}, "₩": {"won", "won", "", ""},
	"₿":   {"bitcoin", "bitcoins", "", ""},
	"USD": {"U S dollar", "U S dollars", "cent", "cents"}, "EUR": {"euro", "euros", "cent", "cents"}, "GBP": {"pound", "pounds", "penny", "pence"},
	"JPY": {"yen", "yen", "", ""}, "CHF": {"Swiss franc", "Swiss francs", "", ""}, "CAD": {"Canadian dollar", "Canadian dollars", "cent", "cents"},
	"AUD": {"Australian dollar", "Australian dollars", "cent", "cents"}, "INR": {"rupee", "rupees", "paisa", "paise"}, "CNY": {"yuan", "yuan", "", ""},
	"SEK": {"krona", "kronor", "", ""}, "NOK": {"krone", "kroner", "", ""}, "DKK": {"krone", "kroner", "", ""}, "PLN": {"zloty", "zlotys", "", ""},
	"BTC": {"bitcoin", "bitcoins", "", ""}, "MXN": {"Mexican peso", "Mexican pesos", "", ""}, "BRL": {"real", "reais", "centavo", "centavos"},
}

// magnitudes are what may stand between an amount and its currency.
//
// Read-only table.
var magnitudes = map[string]string{
	"thousand": "thousand", "million": "million", "billion": "billion", "trillion": "trillion", "k": "thousand", "K": "thousand", "m": "million",
	"M": "million", "mn": "million", "mil": "million", "b": "billion", "B": "billion", "bn": "billion", "T": "trillion", "tn": "trillion",
}

const (
	// numberPattern is a number as it is written in English: thousands separated or not, a decimal
	// point, nothing before it perhaps.
	numberPattern = `(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)`
	// amountPattern allows the decimal comma and the dots between thousands of the continent beside
	// it.
	amountPattern    = `(\d{1,3}(?:\.\d{3})+,\d{2}\b|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+,\d{2}\b|\d+(?:\.\d+)?|\.\d+)`
	signPattern      = `((?:\b(?:US|CA?|AU?|NZ|HK|R))?\$|[€£¥₹₽₩₿]|\b(?:USD|EUR|GBP|JPY|CHF|CAD|AUD|INR|CNY|SEK|NOK|DKK|PLN|BTC|MXN|BRL)\b)`
	magnitudePattern = `(?:[ -]?(thousand|million|billion|trillion|mil|mn|bn|tn|[kKmMbBT])\b)?`
	perPattern       = `(/ ?[A-Za-z]+\b)?`
)

// money are the rules for amounts: "$19.99" is "nineteen dollars and ninety-nine cents".
//
// Read-only table.
var money = []rule{
	{gate: "$€£¥₹₽₩₿DRPYFKNCL", pattern: regexp.MustCompile(signPattern + ` ?` + amountPattern + magnitudePattern + `(?:-|–| to )` + signPattern + `?` + amountPattern + magnitudePattern + perPattern), say: sayAmounts},
	{gate: "$€£¥₹₽₩₿DRPYFKNCL", pattern: regexp.MustCompile(signPattern + ` ?([-−])?` + amountPattern + magnitudePattern + perPattern), say: sayAmountBehind},
	{gate: "$€£¥₹₽₩₿DRPYFKNCL", pattern: regexp.MustCompile(amountPattern + magnitudePattern + ` ?` + signPattern + perPattern), say: sayAmountBefore},
	{gate: "¢", pattern: regexp.MustCompile(`(\d+) ?¢`), say: sayCents},
}

// comma turns the decimal comma into a point.
func comma(amount string) string {
	i := strings.LastIndexByte(amount, ',')
	if i < 0 || len(amount)-i != 3 {
		return amount
	}
	return strings.ReplaceAll(amount[:i], ".", "") + "." + amount[i+1:]
}

// amount says an amount of a currency. Two digits behind the point are cents; more or fewer are a
// decimal number.
func amount(written, magnitude string, c currency) string {
	written = comma(written)
	whole, cents, _ := strings.Cut(written, ".")
	switch {
	case magnitude != "":
		return number(written) + " " + magnitudes[magnitude] + " " + c.many
	case len(cents) != 2 || c.cents == "":
		if isOne(written) {
			return "one " + c.one
		}
		return number(written) + " " + c.many
	}
	small := trimZeros(cents)
	change := count(small, c.cent, c.cents)
	switch {
	case small == "0":
		return amount(whole, "", c)
	case whole == "" || whole == "0":
		return change
	}
	return amount(whole, "", c) + " and " + change
}

// per says what an amount is for.
func per(s string) string {
	if s == "" {
		return ""
	}
	name := strings.TrimLeft(s, "/ ")
	if u, ok := units[name]; ok {
		name = u.one
	}
	return " per " + name
}

// sayAmounts says a range. The first amount goes without its currency where the second one has the
// same.
func sayAmounts(m match) (string, bool) {
	c, known := currencies[m.group(1)]
	if other := m.group(4); !known || other != "" && other != m.group(1) {
		return "", false
	}
	second := amount(m.group(5), m.group(6), c) + per(m.group(7))
	if m.group(3) == "" && !strings.Contains(comma(m.group(2)), ".") {
		return number(m.group(2)) + " to " + second, true
	}
	return amount(m.group(2), m.group(3), c) + " to " + second, true
}

func sayAmountBehind(m match) (string, bool) {
	c, known := currencies[m.group(1)]
	if !known {
		return "", false
	}
	sign := ""
	if m.group(2) != "" {
		sign = "minus "
	}
	return sign + amount(m.group(3), m.group(4), c) + per(m.group(5)), true
}

func sayAmountBefore(m match) (string, bool) {
	c, known := currencies[m.group(3)]
	if !known || isDigit(m.next()) || isWord(m.prev()) {
		return "", false
	}
	return amount(m.group(1), m.group(2), c) + per(m.group(4)), true
}

func sayCents(m match) (string, bool) { return count(m.group(1), "cent", "cents"), true }
