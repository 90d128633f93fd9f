package spoken

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// unit is the name of a unit of measure.
type unit struct{ one, many string }

// units are written behind numbers. Letters that are also something else behind a number are in
// attached. Greek letters arrive by name.
//
// Read-only table.
var units = map[string]unit{
	"km": {"kilometer", "kilometers"}, "m": {"meter", "meters"}, "cm": {"centimeter", "centimeters"}, "mm": {"millimeter", "millimeters"},
	"dm": {"decimeter", "decimeters"}, "nm": {"nanometer", "nanometers"}, "mu m": {"micrometer", "micrometers"}, "um": {"micrometer", "micrometers"},
	"mi": {"mile", "miles"}, "ft": {"foot", "feet"}, "yd": {"yard", "yards"}, "in.": {"inch", "inches"}, "ly": {"light year", "light years"},
	"m^2": {"square meter", "square meters"}, "km^2": {"square kilometer", "square kilometers"}, "cm^2": {"square centimeter", "square centimeters"},
	"mm^2": {"square millimeter", "square millimeters"}, "ft^2": {"square foot", "square feet"}, "in^2": {"square inch", "square inches"},
	"sq ft": {"square foot", "square feet"}, "sq. ft.": {"square foot", "square feet"}, "sq m": {"square meter", "square meters"},
	"sq km": {"square kilometer", "square kilometers"}, "sq mi": {"square mile", "square miles"}, "ha": {"hectare", "hectares"},
	"m^3": {"cubic meter", "cubic meters"}, "cm^3": {"cubic centimeter", "cubic centimeters"}, "mm^3": {"cubic millimeter", "cubic millimeters"},
	"ft^3": {"cubic foot", "cubic feet"}, "km^3": {"cubic kilometer", "cubic kilometers"}, "cc": {"cubic centimeter", "cubic centimeters"},
	"kg": {"kilogram", "kilograms"}, "g": {"gram", "grams"}, "mg": {"milligram", "milligrams"}, "mu g": {"microgram", "micrograms"},
	"mcg": {"microgram", "micrograms"}, "ug": {"microgram", "micrograms"}, "t": {"ton", "tons"}, "lb": {"pound", "pounds"}, "lbs": {"pound", "pounds"},
	"lbs.": {"pound", "pounds"}, "oz": {"ounce", "ounces"}, "fl oz": {"fluid ounce", "fluid ounces"},
	"l": {"liter", "liters"}, "L": {"liter", "liters"}, "ml": {"milliliter", "milliliters"}, "mL": {"milliliter", "milliliters"},
	"cl": {"centiliter", "centiliters"}, "dl": {"deciliter", "deciliters"}, "dL": {"deciliter", "deciliters"}, "gal": {"gallon", "gallons"},
	"pt": {"point", "points"}, "tsp": {"teaspoon", "teaspoons"}, "tbsp": {"tablespoon", "tablespoons"},
	"s": {"second", "seconds"}, "sec": {"second", "seconds"}, "secs": {"second", "seconds"}, "ms": {"millisecond", "milliseconds"},
	"mu s": {"microsecond", "microseconds"}, "us": {"microsecond", "microseconds"}, "ns": {"nanosecond", "nanoseconds"}, "min": {"minute", "minutes"},
	"mins": {"minute", "minutes"}, "h": {"hour", "hours"}, "hr": {"hour", "hours"}, "hrs": {"hour", "hours"}, "yr": {"year", "years"},
	"yrs": {"year", "years"}, "mo": {"month", "months"}, "wk": {"week", "weeks"},
	"km/h": {"kilometer per hour", "kilometers per hour"}, "kph": {"kilometer per hour", "kilometers per hour"}, "kmh": {"kilometer per hour", "kilometers per hour"},
	"mph": {"mile per hour", "miles per hour"}, "m/s": {"meter per second", "meters per second"}, "m/s^2": {"meter per second squared", "meters per second squared"},
	"ft/s": {"foot per second", "feet per second"}, "kn": {"knot", "knots"},
	"B": {"byte", "bytes"}, "kB": {"kilobyte", "kilobytes"}, "KB": {"kilobyte", "kilobytes"}, "MB": {"megabyte", "megabytes"}, "GB": {"gigabyte", "gigabytes"},
	"TB": {"terabyte", "terabytes"}, "PB": {"petabyte", "petabytes"}, "KiB": {"kibibyte", "kibibytes"}, "MiB": {"mebibyte", "mebibytes"},
	"GiB": {"gibibyte", "gibibytes"}, "TiB": {"tebibyte", "tebibytes"}, "kb": {"kilobit", "kilobits"}, "Mb": {"megabit", "megabits"}, "Gb": {"gigabit", "gigabits"},
	"bps": {"bit per second", "bits per second"}, "kbps": {"kilobit per second", "kilobits per second"}, "Kbps": {"kilobit per second", "kilobits per second"},
	"Mbps": {"megabit per second", "megabits per second"}, "Gbps": {"gigabit per second", "gigabits per second"},
	"Mbit/s": {"megabit per second", "megabits per second"}, "Gbit/s": {"gigabit per second", "gigabits per second"},
	"Hz": {"hertz", "hertz"}, "kHz": {"kilohertz", "kilohertz"}, "MHz": {"megahertz", "megahertz"}, "GHz": {"gigahertz", "gigahertz"},
	"THz": {"terahertz", "terahertz"}, "fps": {"frame per second", "frames per second"}, "rpm": {"revolution per minute", "revolutions per minute"},
	"bpm": {"beat per minute", "beats per minute"}, "ppm": {"part per million", "parts per million"}, "dpi": {"dot per inch", "dots per inch"},
	"px": {"pixel", "pixels"}, "MP": {"megapixel", "megapixels"}, "dB": {"decibel", "decibels"}, "dBm": {"decibel milliwatt", "decibel milliwatts"},
	"eV": {"electron volt", "electron volts"}, "keV": {"kiloelectron volt", "kiloelectron volts"}, "MeV": {"megaelectron volt", "megaelectron volts"},
	"V": {"volt", "volts"}, "mV": {"millivolt", "millivolts"}, "kV": {"kilovolt", "kilovolts"}, "A": {"ampere", "amperes"}, "mA": {"milliampere", "milliamperes"},
	"mAh": {"milliampere hour", "milliampere hours"}, "Ah": {"ampere hour", "ampere hours"}, "W": {"watt", "watts"}, "mW": {"milliwatt", "milliwatts"},
	"kW": {"kilowatt", "kilowatts"}, "MW": {"megawatt", "megawatts"}, "GW": {"gigawatt", "gigawatts"}, "Wh": {"watt hour", "watt hours"},
	"kWh": {"kilowatt hour", "kilowatt hours"}, "MWh": {"megawatt hour", "megawatt hours"}, "omega": {"ohm", "ohms"}, "k omega": {"kilohm", "kilohms"},
	"M omega": {"megohm", "megohms"}, "mu F": {"microfarad", "microfarads"}, "nF": {"nanofarad", "nanofarads"}, "pF": {"picofarad", "picofarads"},
	"J": {"joule", "joules"}, "kJ": {"kilojoule", "kilojoules"}, "cal": {"calorie", "calories"}, "kcal": {"kilocalorie", "kilocalories"},
	"N": {"newton", "newtons"}, "kN": {"kilonewton", "kilonewtons"}, "Nm": {"newton meter", "newton meters"}, "Pa": {"pascal", "pascals"},
	"hPa": {"hectopascal", "hectopascals"}, "kPa": {"kilopascal", "kilopascals"}, "MPa": {"megapascal", "megapascals"}, "mbar": {"millibar", "millibars"},
	"psi": {"pound per square inch", "pounds per square inch"}, "mmHg": {"millimeter of mercury", "millimeters of mercury"}, "hp": {"horsepower", "horsepower"},
	"mol": {"mole", "moles"}, "lm": {"lumen", "lumens"}, "lx": {"lux", "lux"}, "K": {"kelvin", "kelvins"},
	"°C": {"degree Celsius", "degrees Celsius"}, "°F": {"degree Fahrenheit", "degrees Fahrenheit"}, "°N": {"degree north", "degrees north"},
	"°S": {"degree south", "degrees south"}, "°E": {"degree east", "degrees east"}, "°W": {"degree west", "degrees west"},
}

// attached are units that count only right behind the number: with a space between they are words
// or letters of their own. "5 A" may be a grade, "10 us" people, "4 K" anything.
//
// Read-only table.
var attached = map[string]bool{"A": true, "N": true, "J": true, "us": true, "t": true, "mo": true, "pt": true, "ha": true, "W": true, "min": false}

// never are letters that stand behind numbers without being a unit: 5K, 4K, 3B, 10K.
//
// Read-only table.
var never = map[string]bool{"K": true, "B": true}

// isUnit answers whether a word behind a number is a unit.
func isUnit(word string) bool {
	_, ok := units[word]
	return ok && !never[word]
}

// Read-only table.
var unitPattern = anyOf(slices.Collect(maps.Keys(units))...)

// measures are the rules for numbers with units, angles and percentages.
//
// Read-only table.
var measures = []rule{
	{gate: "°", pattern: regexp.MustCompile(`(\d+) ?° ?(\d+)'(?: ?(\d+(?:\.\d+)?)")?`), say: sayAngle},
	{gate: "'", pattern: regexp.MustCompile(`\b(\d+)' ?(\d{1,2})(?:"|''|\b)`), say: sayFeet},
	{gate: "'", pattern: regexp.MustCompile(`(^|[ (])(` + numberPattern + `)'($|[ ,.;)])`), with: "$1$2 ft$3"},
	{gate: `"`, pattern: regexp.MustCompile(`(` + numberPattern + `)"`), say: sayInches},
	{pattern: regexp.MustCompile(`\b(\d+) in( equals | is (?:less|greater) than )`), with: "$1 in.$2"},
	{pattern: regexp.MustCompile(`(` + numberPattern + `)( ?|-)(° ?[CFNSEW]\b|` + unitPattern + `)((?:/| per )(?:` + unitPattern + `\b|[A-Za-z]{2,}\b))?`), say: sayMeasure},
	{gate: "/", pattern: regexp.MustCompile(`\b(km|m|mi|ft|kg|g|mg|MB|GB|KB|kB|L|l|ml)/(h|s|min|m\^2|m\^3|kg|L|l|ml|dL|day|km)\b`), say: sayBareMeasure},
	{gate: "/", pattern: regexp.MustCompile(`(\d [a-z]+)/(day|week|month|year|hour|minute|second|night|person|user|page|mile)\b`), with: "$1 per $2"},
	{gate: "%", pattern: regexp.MustCompile(`(\d) ?%`), with: "$1 percent"},
	{gate: "‰", pattern: regexp.MustCompile(` ?‰`), with: " per mille"},
	{gate: "°", pattern: regexp.MustCompile(`\b(1) ?°`), with: "$1 degree"},
	{gate: "°", pattern: regexp.MustCompile(` ?° ?C\b`), with: " degrees Celsius"},
	{gate: "°", pattern: regexp.MustCompile(` ?° ?F\b`), with: " degrees Fahrenheit"},
	{gate: "°", pattern: regexp.MustCompile(` ?°`), with: " degrees "},
}

func sayAngle(m match) (string, bool) {
	said := count(m.group(1), "degree", "degrees") + " " + count(m.group(2), "minute", "minutes")
	if s := m.group(3); s != "" {
		said += " " + number(s) + " seconds"
	}
	return said + " ", true
}

// sayFeet says heights: 5'11" is "five foot eleven".
func sayFeet(m match) (string, bool) {
	if isWord(m.prev()) || isWord(m.next()) {
		return "", false
	}
	return cardinal(m.group(1)) + " foot " + cardinal(trimZeros(m.group(2))), true
}

// sayInches says a number before a quotation mark that closes nothing.
func sayInches(m match) (string, bool) {
	if quoteOpen(m.before()) {
		return "", false
	}
	if isOne(m.group(1)) {
		return "one inch", true
	}
	return number(m.group(1)) + " inches", true
}

// quoteOpen answers whether a quotation has begun and not ended. Behind a number that stands
// outside of one, the mark means inches.
func quoteOpen(s string) bool {
	open, prev := false, ' '
	for _, r := range s {
		if r == '"' {
			open = !open && (prev == ' ' || prev == '(')
		}
		prev = r
	}
	return open
}

// sayMeasure says a number with its unit, and what it is per. Behind a hyphen it describes
// something: "a 4-kg bag" is "a four kilogram bag".
func sayMeasure(m match) (string, bool) {
	written, gap, name := m.group(1), m.group(2), strings.ReplaceAll(m.group(3), "° ", "°")
	if isWord(m.prev()) || m.prev() == '.' || isWord(m.next()) || m.next() == '^' {
		return "", false
	}
	u := units[name]
	switch {
	case never[name], gap != "" && attached[name]:
		return "", false
	case strings.HasSuffix(name, ".") && m.group(4) == "" && isSpace(m.next()) && startsSentence(m.after()):
		return number(written) + " " + u.many + ".", true
	}
	said := u.many
	if isOne(written) || gap == "-" {
		said = u.one
	}
	return number(written) + " " + said + perUnit(m.group(4)), true
}

// perUnit says the unit behind a slash.
func perUnit(s string) string {
	if s == "" {
		return ""
	}
	name := strings.TrimPrefix(strings.TrimPrefix(s, "/"), " per ")
	if u, ok := units[name]; ok {
		name = u.one
	}
	return " per " + name
}

// sayBareMeasure says a unit over a unit without a number: "in km/h".
func sayBareMeasure(m match) (string, bool) {
	if strings.ContainsRune("/.", m.prev()) || strings.ContainsRune("/.^", m.next()) {
		return "", false
	}
	return units[m.group(1)].many + perUnit("/"+m.group(2)), true
}
