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

function words(x, y, anchor, more, text) {
    printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>\n", x, y, anchor, more, text
}
function line(x1, y1, x2, y2, more) {
    printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, more
}

# A panel a group, a bar a row; the axis has room for the largest error. Dashes: a row's limit.
# The colours are Okabe and Ito's, which the colour-blind can tell apart.
function panel(g, top,    middle, range, scale, width, i, n, height, largest, at) {
    range = 10 * int((worst[g] > each[g] ? worst[g] : each[g]) / 10 + 1)
    middle = top + 34 + 55
    scale = 55 / range
    width = WIDTH / count[g]
    for (i = 1; i <= rows; i++)
        if (of[i] == g && (error[i] == worst[g] || error[i] == -worst[g])) largest = i
    words(16, top + 14, "start", " font-weight=\"bold\"", TITLE[g])
    words(LEFT + WIDTH, top + 14, "end", "", sprintf("mean of |error| %.2f %%; largest %+.1f %%: %s",
        sum[g] / count[g], error[largest], name[largest]))
    for (at = -range; at <= range; at += range / 2) {
        line(LEFT, middle - at * scale, LEFT + WIDTH, middle - at * scale, (at ? "stroke=\"#ddd\"" : "stroke=\"#222\""))
        words(LEFT - 8, middle - at * scale + 4, "end", "", (at ? sprintf("%+g %%", at) : "0"))
    }
    for (at = -each[g]; at <= each[g] && each[g]; at += 2 * each[g])
        line(LEFT, middle - at * scale, LEFT + WIDTH, middle - at * scale, "stroke=\"#222\" stroke-dasharray=\"4 4\"")
    for (i = 1; i <= rows; i++) {
        if (of[i] != g) continue
        height = (error[i] < 0 ? -error[i] : error[i]) * scale
        printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>%s %+.2f %%</title></rect>\n",
            LEFT + n++ * width, (error[i] > 0 ? middle - height : middle), width * 0.8, height + 0.3, COLOUR[g], name[i], error[i]
    }
}

function svg(    i) {
    LEFT = 70; WIDTH = 774
    TITLE["micro"] = "Single costs (" count["micro"] " rows)"; COLOUR["micro"] = "#0072b2"
    TITLE["vm"] = "Translation with Sv39 (" count["vm"] " rows)"; COLOUR["vm"] = "#d55e00"
    TITLE["kern"] = "Kernels of programs (" count["kern"] " rows)"; COLOUR["kern"] = "#009e73"
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 860 560\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">"
    print "<rect width=\"860\" height=\"560\" fill=\"#fff\"/>"
    words(16, 26, "start", " font-size=\"17\" font-weight=\"bold\"", "Cycles of --core=rocket, against the core’s RTL")
    words(16, 46, "start", "", "Error of each row: above the line too many cycles, below too few; dashes: a row’s limit")
    for (i = 1; i <= group_count; i++) panel(groups[i], 66 + (i - 1) * 164)
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
