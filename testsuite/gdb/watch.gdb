break *supervisor
continue
delete
rwatch *(long*)0x40000010
continue
info registers pc
delete
awatch *(long*)&list
continue
kill
