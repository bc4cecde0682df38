"""o2o joins a business hall's queue to the phone: this package is the kernel, the composition and the commands."""
