package door

// Split is split, for the tests outside of the package.
var Split = split
