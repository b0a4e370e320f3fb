#!/bin/sh
# 片区规划工作台: 双击或在终端运行; 带参数时作为命令行 pianqu 使用。
# The workbench; with arguments it is the command line `pianqu`. Nothing is installed, nothing is contacted.
here=$(cd "$(dirname "$0")" && pwd)
python=$here/python/bin/python3
if [ ! -x "$python" ]; then
    found=$(ls "$here"/cpython-3.11.*-install_only.tar.gz 2>/dev/null | tail -n 1)
    if [ -z "$found" ]; then
        echo "包内没有 Python: 请把官方文件 cpython-3.11.*-$(uname -m)-unknown-linux-gnu-install_only.tar.gz 放在本文件夹后再运行。"
        echo "There is no Python inside: lay that official file into this folder and start again."
        exit 2
    fi
    tar -xzf "$found" -C "$here" || exit 2
fi
export LD_LIBRARY_PATH="$here/python/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export PYTHONHOME="$here/python" PYTHONPATH="$here/lib" PYTHONUTF8=1
pianqu() { "$python" -P -m app.cli "$@"; }
if [ $# -gt 0 ]; then
    exec "$python" -P -m app.cli "$@"
fi
pianqu doctor "$here" || exit 1
if [ ! -f "$here/.ready" ]; then
    echo "首次启动: 正在编译求解内核, 约十几秒, 以后不再需要 … / first start: compiling, a quarter of a minute …"
    pianqu warm-up --mode area && : > "$here/.ready" # those of other modes are compiled when one is first used
fi
port=${PORT:-8050}
(sleep 8; command -v xdg-open >/dev/null 2>&1 && xdg-open "http://127.0.0.1:$port") >/dev/null 2>&1 &
exec "$python" -P -m app.cli serve --data "$here/demo" --plan "$here/demo-plan.json" --port "$port"
