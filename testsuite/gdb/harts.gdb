info threads
thread 2
info registers pc mhartid
thread 1
info registers mhartid
break *supervisor
continue
detach
