package prompt

import (
	"fmt"
	"time"
)

// Caption is a text among the parts of a message that says what the part behind it is. It stands
// where it is among them. Special tokens in it are spelled out, never obeyed.
type Caption string

// Modality implements Part.
func (Caption) Modality() Modality { return Words }

// SeenAgo is the caption of a picture that was taken so long before the question, for a question
// that gets several, oldest first: "Now:" within the last second, "4 seconds ago:", "2 minutes
// ago:". Whole units, rounded down; what is not past counts as now. A question with one picture
// needs no caption.
func SeenAgo(age time.Duration) Caption {
	switch {
	case age < time.Second:
		return "Now:"
	case age < time.Minute:
		return ago(int(age/time.Second), "second")
	case age < time.Hour:
		return ago(int(age/time.Minute), "minute")
	}
	return ago(int(age/time.Hour), "hour")
}

func ago(n int, unit string) Caption {
	if n != 1 {
		unit += "s"
	}
	return Caption(fmt.Sprintf("%d %s ago:", n, unit))
}
