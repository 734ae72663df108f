// What nearly every test needs: compiled once for all test programs.
#include "sync/base/precompiled.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
