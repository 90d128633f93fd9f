package spoken

import (
	"regexp"
	"strings"
)

// places are the rules for postal addresses.
//
// Read-only table.
var places = []rule{
	{gate: "P", pattern: regexp.MustCompile(`\bP\. ?O\. Box\b`), with: "P O Box"},
	{pattern: regexp.MustCompile(`\b(\d{1,5}) ((?:[NSEW]\.? )?(?:[A-Z][a-z]+|\d{1,3}(?:st|nd|rd|th))(?: [A-Z][a-z]+){0,2}) (St|Street|Ave|Avenue|Rd|Road|Blvd|Boulevard|Dr|Drive|Ln|Lane|Way|Ct|Court|Pl|Place|Sq|Square|Hwy|Pkwy)\b(\.[ ,]|\.$)?`), say: sayStreet},
	{pattern: regexp.MustCompile(`\b([A-Z]{2}),? (\d{5})(?:-(\d{4}))?\b`), say: sayState},
}

// Read-only table.
var streets = map[string]string{
	"St": "Street", "Ave": "Avenue", "Rd": "Road", "Blvd": "Boulevard", "Dr": "Drive", "Ln": "Lane", "Ct": "Court", "Pl": "Place", "Sq": "Square",
	"Hwy": "Highway", "Pkwy": "Parkway", "N": "North", "S": "South", "E": "East", "W": "West",
}

// sayStreet says the number of a house in pairs and the kind of street in full.
func sayStreet(m match) (string, bool) {
	words := strings.Fields(m.group(2) + " " + m.group(3))
	for i, w := range words {
		if full, ok := streets[strings.TrimSuffix(w, ".")]; ok {
			words[i] = full
		}
		if d := strings.TrimRight(w, "sthndr"); d != "" && isDigit(rune(w[0])) {
			words[i] = ordinal(d)
		}
	}
	tail := strings.TrimPrefix(m.group(4), ".")
	if m.group(4) == "." || tail == " " && startsSentence(m.after()) {
		tail = "." + tail
	}
	return pairs(m.group(1)) + " " + strings.Join(words, " ") + tail, true
}

// Read-only table.
var states = map[string]string{
	"AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware",
	"FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
	"LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
	"MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
	"NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
	"SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington",
	"WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "DC": "D C",
}

func sayState(m match) (string, bool) {
	name, ok := states[m.group(1)]
	if !ok {
		return "", false
	}
	said := name + " " + spell(m.group(2))
	if m.group(3) != "" {
		said += ", " + spell(m.group(3))
	}
	return said, true
}
