break fault_serve
continue
backtrace 1
finish
watch *(long*)($sp - 64)
continue
info registers priv
detach
