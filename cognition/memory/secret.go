package memory

import (
	"slices"
	"strings"
	"unicode"
)

// secrets are words beside which something stands that is not to be kept.
const secrets = "password passwords passphrase passcode passwort pin credential credentials token secret secrets cvv cvc iban mnemonic"

func secretPhrases() []string {
	return []string{
		"api key", "secret key", "private key", "access key", "access code", "door code", "alarm code", "pass word", "pass code",
		"seed phrase", "recovery phrase", "recovery code", "social security", "account number", "routing number", "card number",
		"credit card", "debit card", "security code", "log in", "login", "passport number", "one time code", "verification code",
	}
}

// keyPrefixes are what the keys of well-known services begin with, as their makers document it.
func keyPrefixes() []string {
	return []string{
		"sk-", "sk_", "pk_", "rk_", "ghp_", "gho_", "ghu_", "ghs_", "github_pat_", "glpat-", "akia", "asia", "xoxb-", "xoxp-", "xoxa-", "aiza", "eyj",
		"hf_", "npm_", "pypi-",
	}
}

const (
	leastKey     = 12 // characters of a key behind its prefix
	leastBlob    = 24 // characters of a word that only a machine writes
	leastAccount = 9  // digits of an account or of somebody's number with an authority
	leastCard    = 12 // digits of a card
	mostPhone    = 15 // digits of a telephone number, E.164
)

// secret tells whether a text holds what opens something: a password, a key, a number of a card.
func secret(text string) bool {
	folded := fold(text)
	list := split(folded)
	if slices.ContainsFunc(list, func(w string) bool { return in(secrets, strings.TrimSuffix(w, "'s")) }) {
		return true
	}
	joined := " " + strings.Join(list, " ") + " "
	for _, p := range secretPhrases() {
		if strings.Contains(joined, " "+p+" ") {
			return true
		}
	}
	for _, w := range strings.Fields(folded) {
		if machine(w) {
			return true
		}
	}
	return numbered(list)
}

// machine tells whether a word looks like a key.
func machine(w string) bool {
	if !strings.ContainsFunc(w, unicode.IsDigit) || !strings.ContainsFunc(w, unicode.IsLetter) {
		return false
	}
	return len(w) >= leastBlob || slices.ContainsFunc(keyPrefixes(), func(p string) bool {
		i := strings.Index(w, p)
		return i >= 0 && len(w)-i-len(p) >= leastKey
	})
}

// numbered tells whether digits in a row, also spoken ones, are too many for anything but the
// number of a card or an account. A telephone number is none.
func numbered(list []string) bool {
	const leastCode = 3 // digits
	code := slices.ContainsFunc(list, func(w string) bool { return in("code codes combination safe vault lock alarm", w) })
	phone := slices.ContainsFunc(list, func(w string) bool { return in("phone telephone mobile cell fax", w) })
	for _, run := range digitRuns(list) {
		switch n := len(run); {
		case n >= leastCard && luhn(run), code && n >= leastCode:
			return true
		case phone && n <= mostPhone:
		case n >= leastAccount:
			return true
		}
	}
	return false
}

// digitRuns are the digits that stand in a row, however they are written or grouped.
func digitRuns(list []string) []string {
	const spoken = "zero one two three four five six seven eight nine"
	digits := strings.Fields(spoken)
	var out []string
	run, times := "", 1
	end := func() {
		if run != "" {
			out = append(out, run)
		}
		run, times = "", 1
	}
	for _, w := range list {
		switch i := slices.Index(digits, w); {
		case i >= 0 || w == "oh" && run != "":
			run += strings.Repeat(string(rune('0'+max(i, 0))), times)
			times = 1
		case w == "double":
			times = 2
		case w == "triple":
			times = 3
		case !strings.ContainsFunc(w, func(r rune) bool { return r < '0' || r > '9' }):
			run += w
			times = 1
		default:
			end()
		}
	}
	end()
	return out
}

// luhn checks the last digit of a card's number (ISO/IEC 7812-1).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
