package smoke

// What a stimulus is drawn with.
const (
	MaxDraws  = maxDraws
	SeedCount = seedCount
)
