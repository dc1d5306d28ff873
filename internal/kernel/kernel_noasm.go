//go:build !amd64 || purego

package kernel

const hasAVX2 = false

func addRowsAVX2([]float64, []Entry, []float64, int)                                            {}
func nonZerosAVX2([]Entry, []float64) (int, float64)                                            { return 0, 0 }
func addOuterAVX2([]float64, int, []Entry, []float64, []float64, []float64, []float64)          {}
func productsAVX2([]float64, []float64, []float64, int, int)                                    {}
func largestAVX2([]float64) float64                                                             { return 0 }
func sigmoidStepsAVX2([]float64, []float64, []float64, []float64) float64                       { return 0 }
func sigmoidChangesAVX2([]float64, []float64, float64, float64) float64                         { return 0 }
func lossChangesAVX2([]float64, []float64, []float64) float64                                   { return 0 }
func hiddenDifferencesAVX2([]float64, []float64, []float64, []float64, []float64, int, float64) {}
func outputDifferencesAVX2([]float64, []float64, []float64, []float64, float64)                 {}
func expsAVX2([]float64, []float64)                                                             {}
func logisticsAVX2([]float64, []float64, []float64)                                             {}
