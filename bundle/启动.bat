@echo off
rem 片区规划工作台: 双击运行; 带参数时作为命令行 pianqu 使用。
setlocal
set "HERE=%~dp0"
if exist "%HERE%python\python.exe" goto ready
for %%F in ("%HERE%python-3.11.*-embed-amd64.zip") do set "FOUND=%%~fF"
if not defined FOUND (
    echo 包内没有 Python: 请把官方文件 python-3.11.*-embed-amd64.zip 放在本文件夹后再双击。
    echo There is no Python inside: lay that official file into this folder and start again.
    pause
    exit /b 2
)
mkdir "%HERE%python"
tar -xf "%FOUND%" -C "%HERE%python"
if errorlevel 1 (
    echo 不能解压 "%FOUND%"。 It cannot be unpacked.
    pause
    exit /b 2
)
>> "%HERE%python\python311._pth" echo ..\lib
>> "%HERE%python\python311._pth" echo import site
:ready
set "PYTHONUTF8=1"
set "PYTHONPATH=%HERE%lib"
if not "%~1"=="" (
    "%HERE%python\python.exe" -m app.cli %*
    exit /b %errorlevel%
)
"%HERE%python\python.exe" -m app.cli doctor "%HERE%."
if errorlevel 1 (
    pause
    exit /b 1
)
if not exist "%HERE%.ready" (
    echo 首次启动: 正在编译求解内核, 约十几秒, 以后不再需要 …
    "%HERE%python\python.exe" -m app.cli warm-up --mode area && echo. > "%HERE%.ready"
)
if not defined PORT set "PORT=8050"
start "" /min cmd /c "ping -n 9 127.0.0.1 >nul & start http://127.0.0.1:%PORT%"
"%HERE%python\python.exe" -m app.cli serve --data "%HERE%demo" --plan "%HERE%demo-plan.json" --port %PORT%
pause
