package scene

import "image/color"

// shapeNames are the drawn shapes, in the order of their label class.
var shapeNames = [...]string{"circle", "square", "triangle", "star", "heart", "diamond", "cross", "ring", "arrow", "hexagon"}

// emojiNames are the sprites of sprites/sheet.png, row by row.
var emojiNames = [...]string{
	"cat", "dog", "apple", "car", "banana", "clock", "umbrella", "house",
	"tree", "sunflower", "cloud", "snowman", "rainbow", "key", "book", "scissors",
	"camera", "bell", "gift", "balloon", "guitar", "trumpet", "trophy", "airplane",
	"rocket", "bicycle", "anchor", "elephant", "penguin", "owl", "fish", "butterfly",
	"turtle", "crab", "strawberry", "pineapple", "carrot", "pizza", "crown", "robot",
}

// colourNames are the eleven basic colour words of English, spelled as the answers spell them.
var colourNames = [...]string{"red", "green", "blue", "yellow", "orange", "purple", "pink", "brown", "black", "white", "gray"}

// colourValues are the middles of the colours, in the order of colourNames.
var colourValues = [...]color.RGBA{
	{220, 30, 30, 255},
	{30, 160, 50, 255},
	{30, 60, 220, 255},
	{245, 225, 40, 255},
	{250, 135, 20, 255},
	{130, 40, 170, 255},
	{250, 150, 195, 255},
	{120, 70, 30, 255},
	{15, 15, 15, 255},
	{245, 245, 245, 255},
	{130, 130, 130, 255},
}

// positionNames are the nine fields of the picture in reading order.
var positionNames = [...]string{"top left", "top", "top right", "left", "center", "right", "bottom left", "bottom", "bottom right"}

const centre = 4

// countWords are how many things the answers can count.
var countWords = [...]string{"no", "one", "two", "three", "four"}

// plural names take "are" and no article.
func isPlural(name string) bool { return name == "scissors" }

// Shapes returns the names of the shapes. The slice is the caller's.
func Shapes() []string { return append([]string(nil), shapeNames[:]...) }

// Emojis returns the names of the sprites. The slice is the caller's.
func Emojis() []string { return append([]string(nil), emojiNames[:]...) }

// Colours returns the colour words. The slice is the caller's.
func Colours() []string { return append([]string(nil), colourNames[:]...) }

// Positions returns the names of the nine fields in reading order. The slice is the caller's.
func Positions() []string { return append([]string(nil), positionNames[:]...) }

// fieldOf returns the field that holds a point given in fractions of the picture.
func fieldOf(x, y float64) int {
	return min(2, max(0, int(y*3)))*3 + min(2, max(0, int(x*3)))
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}
