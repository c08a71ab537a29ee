# SPDX-License-Identifier: MIT
# Compares cycles: our rows (name,instret,cycles,...) on the first file, the reference's on the
# second. form is table, json or svg. Limits:
#
#   kern.   mean of the absolute errors 1.5 %, each row 8 %
#   vm.     mean 5 %, each row 15 %
#   micro.  each row one cycle an operation, of the n in its note
BEGIN {
    FS = ","
    each["kern"] = 8; each["vm"] = 15; each["micro"] = 0
    mean["kern"] = 1.5; mean["vm"] = 5
    group_count = split("micro vm kern", groups, " ")
}
FNR == NR { instructions[$1] = $2; cycles[$1] = $3; next }
FNR == 1 { next }
{
    split($1, part, ".")
    group = part[1]
    operations = $4 ~ /n=[0-9]/ && group == "micro" ? substr($4, index($4, "n=") + 2) + 0 : 0
    rows++
    name[rows] = $1; of[rows] = group; reference[rows] = $3
    missing = !($1 in cycles)
    ours[rows] = missing ? 0 : cycles[$1]
    difference = ours[rows] - $3
    error[rows] = 100 * difference / $3
    size = error[rows] < 0 ? -error[rows] : error[rows]
    distance = difference < 0 ? -difference : difference
    good[rows] = !missing && (size <= each[group] || (operations && distance <= operations))
    count[group]++; sum[group] += size
    if (size > worst[group]) worst[group] = size
}

function table(    i, g) {
    printf "%-30s %10s %10s %9s\n", "row", "reference", "ours", "error"
    for (i = 1; i <= rows; i++)
        printf "%-30s %10d %10d %8.2f%%%s\n", name[i], reference[i], ours[i], error[i],
            good[i] ? "" : "  beyond the limit"
    for (i = 1; i <= group_count; i++) {
        g = groups[i]
        printf "%-30s %21s %8.2f%%  (%slargest %.2f%%)\n", "mean of |error|, " g, "",
            sum[g] / count[g], g in mean ? sprintf("at most %.1f%%; ", mean[g]) : "", worst[g]
    }
}

function json(    i) {
    print "{\n  \"rows\": ["
    for (i = 1; i <= rows; i++)
        printf "    {\"name\": \"%s\", \"reference\": %d, \"cycles\": %d, \"error\": %.5f}%s\n",
            name[i], reference[i], ours[i], error[i] / 100, i < rows ? "," : ""
    print "  ],\n  \"means\": {"
    for (i = 1; i <= group_count; i++)
        printf "    \"%s\": %.5f%s\n", groups[i], sum[groups[i]] / count[groups[i]] / 100,
            (i + 1) in groups ? "," : ""
    print "  }\n}"
}

# A bar a row, by group; the height is the error, cut at 20 %.
function svg(    i, x, height, top, length_, colour) {
    colour["micro"] = "#7a8ca8"; colour["vm"] = "#c07a3a"; colour["kern"] = "#3a8a5c"
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d 260\" font-family=\"sans-serif\" font-size=\"11\">\n", rows * 5 + 60
    printf "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
    printf "<text x=\"40\" y=\"14\">Cycle error of each row against the RTL (micro %.1f %%, vm %.1f %%, kern %.1f %% mean)</text>\n", sum["micro"] / count["micro"], sum["vm"] / count["vm"], sum["kern"] / count["kern"]
    for (i = -20; i <= 20; i += 10)
        printf "<text x=\"2\" y=\"%d\">%d %%</text><line x1=\"40\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#ccc\"/>\n", 144 - i * 5, i, rows * 5 + 50, 140 - i * 5, 140 - i * 5
    for (i = 1; i <= rows; i++) {
        height = error[i] > 20 ? 20 : error[i] < -20 ? -20 : error[i]
        x = 40 + i * 5
        top = (height > 0) ? 140 - height * 5 : 140
        length_ = (height < 0) ? -height : height
        printf "<rect x=\"%d\" y=\"%.1f\" width=\"4\" height=\"%.1f\" fill=\"%s\"><title>%s %+.2f %%</title></rect>\n", x, top, length_ * 5 + 0.3, colour[of[i]], name[i], error[i]
    }
    print "</svg>"
}

END {
    if (form == "json") { json(); exit 0 }
    if (form == "svg") { svg(); exit 0 }
    table()
    passed = failed = 0
    for (i = 1; i <= rows; i++) if (good[i]) passed++; else failed++
    for (i = 1; i <= group_count; i++) {
        if (!(groups[i] in mean)) continue
        if (sum[groups[i]] / count[groups[i]] <= mean[groups[i]]) passed++; else failed++
    }
    printf "%d passed, %d failed\n", passed, failed
    exit failed > 0
}
