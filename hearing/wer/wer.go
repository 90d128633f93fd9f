package wer

import "fmt"

// Errors counts the differences between what was said and what was heard.
type Errors struct {
	Words        int // said
	Substituted  int
	Deleted      int // said, not heard
	Inserted     int // heard, not said
	Sentences    int
	SentenceMiss int // sentences with at least one error
}

// Count returns the fewest edits that turn the words said into the words heard.
func Count(said, heard string) Errors {
	e := count(Words(said), Words(heard))
	e.Sentences = 1
	if e.Total() > 0 {
		e.SentenceMiss = 1
	}
	return e
}

// Add returns the sum.
func (e Errors) Add(other Errors) Errors {
	e.Words += other.Words
	e.Substituted += other.Substituted
	e.Deleted += other.Deleted
	e.Inserted += other.Inserted
	e.Sentences += other.Sentences
	e.SentenceMiss += other.SentenceMiss
	return e
}

// Total returns the number of word errors.
func (e Errors) Total() int { return e.Substituted + e.Deleted + e.Inserted }

// Percent returns the word error rate: errors per hundred words said.
func (e Errors) Percent() float64 {
	if e.Words == 0 {
		return 0
	}
	return 100 * float64(e.Total()) / float64(e.Words)
}

// String returns the rate and what it is made of.
func (e Errors) String() string {
	return fmt.Sprintf("%.1f %% (%d of %d words: %d other, %d missing, %d extra; %d of %d sentences)",
		e.Percent(), e.Total(), e.Words, e.Substituted, e.Deleted, e.Inserted, e.SentenceMiss, e.Sentences)
}

// count aligns two word lists by dynamic programming.
func count(said, heard []string) Errors {
	row := make([]Errors, len(heard)+1)
	for j := range row {
		row[j].Inserted = j
	}
	for i, s := range said {
		diagonal := row[0]
		row[0].Deleted = i + 1
		for j, h := range heard {
			above := row[j+1]
			best := diagonal
			if s != h {
				best.Substituted++
			}
			if up := above; up.Total()+1 < best.Total() {
				best = up
				best.Deleted++
			}
			if left := row[j]; left.Total()+1 < best.Total() {
				best = left
				best.Inserted++
			}
			diagonal, row[j+1] = above, best
		}
	}
	last := row[len(heard)]
	last.Words = len(said)
	return last
}
