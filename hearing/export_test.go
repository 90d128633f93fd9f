package hearing

// Agreement is agreement.
func Agreement(a, b string) float64 { return agreement(a, b) }
