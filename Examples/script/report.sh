#!/bin/sh
# How full is the disk? Asks for another attempt in 30 s while it is fuller than the input `threshold` says.
used=$(df --output=pcent / | tail -1 | tr -dc '0-9')
echo "the disk is $used % full"
echo "colour is ${colour:-not given}, arguments are: $*"
ctx instance runtime-properties disk_used "@$used"
[ "$used" -le "${threshold:-101}" ] || { ctx retry-operation "the disk is $used % full" @30; exit; }
ctx returns "@{\"used\": $used}" '@{}'
