// Package spoken writes text as it is said.
//
// In: one clause of a persona's answer, in the characters that a language model writes. Out: words
// and punctuation that a voice can say. It is pure: the same clause gives the same words; no clock,
// no I/O, no state. [English] says everything in words; [Marks] is for voices of other languages
// and takes marks away only, because espeak-ng knows the numbers and signs of its languages.
//
// Rules are tables of patterns in the order in which they apply, each with a function that looks at
// what stands beside the match: whether "3-5" is a range, a score, a sum or part of a telephone
// number is written next to it. Expected speech is a table too: tts/testdata/spoken.tsv (kind,
// text, spoken form). The order:
//
//	plain      one form of each character; digits of all scripts; Greek letters by name; emoji go
//	markup     template tokens, HTML, character references, LaTeX become nothing or the sign they stand for
//	lines      headings, lists, quotes, tables, fences
//	inline     code, emphasis, notes, struck text, faces of punctuation
//	addresses  links, hosts, mail, IP and hardware addresses, paths, names with dots
//	places     streets, states with postal codes; then abbreviations
//	dates      days, months, years, decades, quarters
//	times      clock times, durations, ratios, zones
//	codes      telephone numbers, cards, serial numbers
//	counted    versions, powers of ten, hexadecimal and Roman numerals
//	formulas   operators, signs, ranges, relations
//	words      # & @ ~ and stars
//	money      amounts
//	fractions  quotients and ranks
//	measures   units, angles, percentages
//	rest       every number that is left
//	leftovers  every sign that is left; then pauses and one mark where several stand
//
// Decisions that a reader may wonder about: "03/04/2024" has the month first, "03.04.2024" the day;
// a web address is said by its host; struck text is not said; a check mark is "yes", a cross "no",
// any other emoji is silent; a letter of a script that an English voice does not know is left out
// and counted in [Result].Unsaid; a tag is one by the name of its element and the shape of its
// attributes, so "a<b and c>d" is two comparisons; "#1" is "number one"; acronyms stay as they are,
// since espeak-ng spells those that cannot be read.
//
// # Kinds of two public test sets
//
// Google's data for text normalisation (Sproat and Jaitly, 2016) has 16 classes. Covered: PLAIN,
// PUNCT, CARDINAL, ORDINAL, DECIMAL, DIGIT, FRACTION, MEASURE, MONEY, DATE, TIME, TELEPHONE,
// ELECTRONIC, ADDRESS, VERBATIM (signs and Greek letters by name), LETTERS (dotted initials; the
// others are left to espeak-ng).
//
// NVIDIA's NeMo text processing tests English by folder: address, cardinal, connector, date,
// decimal, electronic, fraction, math, measure, money, ordinal, punctuation, range, roman, serial,
// special text, telephone, time, whitelist, word. Covered: all but what follows. Left out, and why:
// whole web addresses letter by letter (nobody listens to a path), "2Q22" for a quarter (rare, and
// said without loss as letters and digits), the natural join and other signs of databases (left out
// and counted), "1/f" as "one per F" (not certain), hyphens of serial numbers by name, and
// respelling of brands.
//
// What neither has and is covered: comparison signs in code and prose, negation, LaTeX, Markdown,
// template tokens, emoji, tags beside comparisons, scripts that the voice does not know, text cut
// between two pieces.
package spoken
